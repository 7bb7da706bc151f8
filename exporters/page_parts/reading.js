"use strict";
// The reading rules: raw cells become what the model takes. The twin of exporters/predictor/predict.py, cell for cell.

const PLAIN_NUMBER = /^[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?$/u;
const SPACES = "[ \\t\\r\\n]*";
const RANGE = new RegExp(
  `^(?!.{61})(.*[0-9%][^0-9%]*?)[${WHITE}]*(?:-|–|—|~|to|bis|至|до)[${WHITE}]*([^-–—~0-9]*[0-9].*)`, "su");
const ASCII = new Map();
for (const first of [0xff10, 0x0660, 0x06f0]) {
  for (let i = 0; i < 10; i += 1) ASCII.set(String.fromCharCode(first + i), String(i));
}
for (const sign of "\u2212\ufe63\uff0d\u2010\u2011") ASCII.set(sign, "-");
for (const sign of "\u2018\u2019\u02bc\uff07\u00b4") ASCII.set(sign, "'");
for (const sign of "\u00a0\u202f\u2009\u2007\u3000") ASCII.set(sign, " ");
[..."．，％￥＄（）＋～〜＜＞／٫٬"].forEach((sign, place) => ASCII.set(sign, ".,%¥$()+~~<>/.,"[place]));

// A number (missing is NaN) where the column's cells are numbers, else a text (missing is empty).
function canonical(cell, column) {
  const rules = column.rules;
  const same = new Map(rules.same);
  let text = strip(cell);
  if (column.cells === "number") return possible(plainNumber(same.get(text) ?? text), rules);
  if (text === "" || ["", ...rules.missing].includes(text.toLowerCase())) return "";
  text = same.get(text) ?? text;
  if (rules.number) {
    const number = possible(readNumber(text, rules), rules);
    return Number.isFinite(number) ? numberText(number) : "";
  }
  if (column.date_formats.length) return dateText(text, column.date_formats, rules);
  if (rules.separators) return strip(text.replace(new RegExp(`[${escaped(rules.separators)}${WHITE}]+`, "gu"), " "));
  return text;
}

// Whether a cell says something that could not be read, so that it counts as missing.
function isLost(cell, made, column) {
  const nothing = ["", ...column.rules.missing, ...column.missing_texts];
  return (made === "" || Number.isNaN(made)) && !nothing.includes(strip(cell).toLowerCase());
}

function plainNumber(text) {
  return PLAIN_NUMBER.test(text) ? Number(text) : NaN;
}

// NaN for a number that means "no value" or lies beyond what can be.
function possible(number, rules) {
  const beyond = (rules.lowest !== null && number < rules.lowest) || (rules.highest !== null && number > rules.highest);
  return beyond || rules.missing_numbers.includes(number) ? NaN : number;
}

// As Python writes numbers: "1.0", "1e-05".
function numberText(number) {
  if (Object.is(number, -0)) return "-0.0";
  const [digits, power] = number.toExponential().split("e");
  const exponent = Number(power);
  if (number !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  return Number.isInteger(number) ? `${number}.0` : String(number);
}

// A number with units, currency, thousands signs or another decimal sign; anything else is NaN.
function readNumber(text, rules) {
  text = strip([...text].map((sign) => ASCII.get(sign) ?? sign).join(""));
  const whole = signedNumber(text, rules);
  const ends = rules.ranges && Number.isNaN(whole.number) ? RANGE.exec(text) : null;
  if (ends === null) return whole.number * whole.factor;
  const [first, last] = [signedNumber(ends[1], rules), signedNumber(ends[2], rules)];
  const low = first.number * (first.hasUnit ? first.factor : last.factor);
  const high = last.number * last.factor;
  return low <= high ? (low + high) / 2 : NaN;
}

// One number by the column's rules; also what its unit multiplies it by, and whether it has one.
function signedNumber(text, rules) {
  let [bare, negative] = withoutParentheses(strip(text), rules);
  bare = bare.replace(new RegExp(`^[–—]([^${WHITE}])`, "u"), "-$1");
  if (rules.prefixes.length) {
    const prefix = new RegExp(`^([+-]?)${SPACES}(?:(?:${either(rules.prefixes)})${SPACES}){1,2}`, "iu");
    bare = bare.replace(prefix, "$1");
  }
  bare = bare.replace(new RegExp(`^([+-])${SPACES}`, "u"), "$1");
  const factors = new Map(rules.factors);
  const units = [...rules.suffixes, ...factors.keys()];
  const unit = units.length ? new RegExp(`${SPACES}(${either(units)})$`, "iu").exec(bare) : null;
  const [inner, inside] = withoutParentheses(unit ? bare.slice(0, unit.index) : bare, rules);
  bare = inner;
  negative = negative || inside;
  if (rules.dash_zero && ["-", "–", "—"].includes(bare)) bare = "0";
  if (rules.trailing_minus && bare.endsWith("-")) {
    negative = true;
    bare = bare.slice(0, -1).replace(/[ \t\r\n]+$/u, "");
  }
  if (rules.thousands && grouped(rules).test(bare)) bare = bare.replaceAll(rules.thousands, "");
  if (rules.decimal !== ".") {
    const hidden = bare.includes(".") && (bare.includes(rules.decimal) || /^[+-]?[0-9]{1,3}(\.[0-9]{3})+$/u.test(bare));
    bare = hidden ? "" : bare.replaceAll(rules.decimal, ".");
  }
  const number = plainNumber(bare);
  return {
    number: negative ? -number : number,
    factor: unit ? factors.get(unit[1].toLowerCase()) ?? 1 : 1,
    hasUnit: unit !== null && factors.size > 0,
  };
}

function withoutParentheses(text, rules) {
  const inside = rules.parentheses_negative && /^\([^\n]*\)$/u.test(text);
  return inside ? [strip(text.slice(1, -1)), true] : [text, false];
}

function grouped(rules) {
  const sign = escaped(rules.thousands);
  const groups = rules.thousands === "," ? `(${sign}[0-9]{2,3})*${sign}[0-9]{3}` : `(${sign}[0-9]{3})+`;
  return new RegExp(`^[+-]?[0-9]{1,3}${groups}(${escaped(rules.decimal)}[0-9]*)?$`, "u");
}

// One of some words, the longest first. Python takes the dotted and the dotless i for i where capitals do not matter.
function either(words) {
  const ordered = [...words].sort((a, b) => [...b].length - [...a].length);
  return ordered.map((word) => escaped(word).replace(/[iIİı]/gu, "[iIİı]")).join("|");
}
