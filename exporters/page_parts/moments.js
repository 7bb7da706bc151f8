"use strict";
// Dates, as exporters/predictor/predict.py reads them. Patterns are spelled out where Python's and ours differ.

// What Python counts as a space; a browser counts others.
const WHITE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WHITES = new RegExp(`[${WHITE}]+`, "gu");
// Dates padded with spaces, divided by other signs than one space, or with minutes of one digit: no graph reads these.
const LOOSE = new RegExp(`(?! )[${WHITE}]|  |[/.-] [0-9]|:[0-9](?:[^0-9]|$)`, "u");
const MOMENT = "%Y-%m-%d %H:%M:%S";
const EPOCHS = new Map([["epoch_s", 1], ["epoch_ms", 1e3], ["epoch_us", 1e6], ["epoch_ns", 1e9]]);
const ISO_DATE = new RegExp(
  "^([12][0-9]{3})-([0-9]{2})-([0-9]{2})" +
  "([ T]([0-9]{2}):([0-9]{2})(:([0-9]{2})(\\.([0-9]{1,6}))?)?(Z|([+-])([0-9]{2}):([0-9]{2}))?)?$", "u");
const TIME = new RegExp(
  "^(?:[12][0-9]{3}-[0-9]{2}-[0-9]{2}[ T])?((?:[01][0-9]|2[0-3]):[0-5][0-9])(:[0-5][0-9])?(?:\\.[0-9]{1,6})?$", "u");
const WORD = new RegExp(
  `[\\p{L}\\p{Nl}\\p{No}]+(?:\\.[\\p{L}\\p{Nl}\\p{No}]+)*(?:\\.(?=[${WHITE},]|$))?`, "gu");
const ZONE = /^[^\n]*[0-9Mm] ?(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])( [12][0-9]{3})?$/u;
const MONTHS = [
  "january", "february", "march", "april", "may", "june",
  "july", "august", "september", "october", "november", "december"];
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const D = "\\p{Nd}";

// Python's own patterns of the parts of a strptime format, tried in its order.
const PARTS = {
  d: `3[0-1]|[1-2]${D}|0[1-9]|[1-9]| [1-9]`,
  f: "[0-9]{1,6}",
  H: `2[0-3]|[0-1]${D}|${D}`,
  I: "1[0-2]|0[1-9]|[1-9]",
  m: "1[0-2]|0[1-9]|[1-9]",
  M: `[0-5]${D}|${D}`,
  S: `6[0-1]|[0-5]${D}|${D}`,
  y: `${D}${D}`,
  Y: `${D}${D}${D}${D}`,
  z: `[+-]${D}${D}:?[0-5]${D}(?::?[0-5]${D}(?:\\.${D}{1,6})?)?|Z`,
  A: [...DAYS].sort((a, b) => b.length - a.length).join("|"),
  a: DAYS.map((name) => name.slice(0, 3)).join("|"),
  B: [...MONTHS].sort((a, b) => b.length - a.length).join("|"),
  b: MONTHS.map((name) => name.slice(0, 3)).join("|"),
  p: "am|pm",
};

const FOUR_DIGITS = utc(1000, 1, 1, 0, 0, 0); // earlier years are written with fewer, which no graph reads
const compiled = new Map();

function strip(text, signs = WHITE) {
  return text.replace(new RegExp(`^[${signs}]+`, "u"), "").replace(new RegExp(`[${signs}]+$`, "u"), "");
}

function escaped(text) {
  return [...text].map((sign) => /[\p{L}\p{N}]/u.test(sign) ? sign : `\\u{${sign.codePointAt(0).toString(16)}}`).join("");
}

function patternOf(form) {
  if (!compiled.has(form)) {
    const pieces = form.split(/(%.)/su).map((piece) => {
      if (piece === "%%") return "%";
      if (piece.startsWith("%")) return `(?<${piece[1]}>${PARTS[piece[1]]})`;
      return piece.split(WHITES).map(escaped).join(`[${WHITE}]+`);
    });
    compiled.set(form, new RegExp(`^(?:${pieces.join("")})`, "iu"));
  }
  return compiled.get(form);
}

function digit(sign) {
  let value = 0;
  for (let code = sign.codePointAt(0); /\p{Nd}/u.test(String.fromCodePoint(code - 1)); code -= 1) value += 1;
  return value % 10;
}

function whole(text) {
  return [...strip(text)].reduce((sum, sign) => sum * 10 + digit(sign), 0);
}

function isDay(year, month, day) {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= last[month - 1];
}

function hourOf(found) {
  if (found.I === undefined) return found.H === undefined ? 0 : whole(found.H);
  const hour = whole(found.I) % 12;
  return (found.p ?? "").toLowerCase() === "pm" ? hour + 12 : hour;
}

function yearOf(found) {
  if (found.Y !== undefined) return whole(found.Y);
  if (found.y === undefined) return 1900;
  return whole(found.y) + (whole(found.y) <= 68 ? 2000 : 1900);
}

function monthOf(found) {
  if (found.m !== undefined) return whole(found.m);
  const word = (found.b ?? found.B ?? "jan").toLowerCase();
  return MONTHS.findIndex((name) => found.B === undefined ? name.slice(0, 3) === word : name === word) + 1;
}

// Minutes east of Greenwich; undefined where the text names no zone.
function zoneOf(text) {
  if (text === undefined) return undefined;
  if (text.toLowerCase() === "z") return 0;
  const digits = text.slice(1).replace(":", "");
  return (text[0] === "-" ? -1 : 1) * (whole(digits.slice(0, 2)) * 60 + whole(digits.slice(2, 4)));
}

// A date and time in a strptime format, or null. Milliseconds are since 1970, micro the microseconds beyond the second.
function strptime(text, form) {
  const match = patternOf(form).exec(text);
  if (match === null || match[0].length !== text.length) return null;
  const found = match.groups ?? {};
  if (found.z === "z") return null;
  const [year, month, day] = [yearOf(found), monthOf(found), found.d === undefined ? 1 : whole(found.d)];
  const second = found.S === undefined ? 0 : whole(found.S);
  if (!isDay(year, month, day) || second > 59) return null;
  const time = [hourOf(found), found.M === undefined ? 0 : whole(found.M), second];
  return { millis: utc(year, month, day, ...time), micro: whole((found.f ?? "").padEnd(6, "0")), zone: zoneOf(found.z) };
}

function utc(year, month, day, hour, minute, second) {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.setUTCHours(hour, minute, second, 0);
}

function strftime(moment, form) {
  const date = new Date(moment.millis - (moment.zone ?? 0) * 60_000);
  const two = (number) => String(number).padStart(2, "0");
  const hour = date.getUTCHours();
  const month = MONTHS[date.getUTCMonth()];
  const weekday = DAYS[(date.getUTCDay() + 6) % 7];
  const named = (word) => word[0].toUpperCase() + word.slice(1);
  const written = {
    Y: String(date.getUTCFullYear()).padStart(4, "0"), y: two(date.getUTCFullYear() % 100),
    m: two(date.getUTCMonth() + 1), d: two(date.getUTCDate()), H: two(hour), I: two(hour % 12 || 12),
    M: two(date.getUTCMinutes()), S: two(date.getUTCSeconds()), f: String(moment.micro).padStart(6, "0"),
    p: hour < 12 ? "AM" : "PM", B: named(month), b: named(month.slice(0, 3)), A: named(weekday),
    a: named(weekday.slice(0, 3)), z: "Z", "%": "%",
  };
  return form.replace(/%(.)/gsu, (_all, part) => written[part] ?? "");
}

function isoMoment(text) {
  const match = ISO_DATE.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 5, 6, 8].map((place) => Number(match[place] ?? 0));
  if (!isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return null;
  const zone = match[12] === undefined ? 0 : (match[12] === "-" ? -1 : 1) * (Number(match[13]) * 60 + Number(match[14]));
  if (Math.abs(zone) >= 1440) return null;
  return { millis: utc(year, month, day, hour, minute, second), micro: Number((match[10] ?? "").padEnd(6, "0")), zone };
}

// "2024-02-29 13:45:10" in UTC for seconds since 1970, days since 1899-12-30 or a strptime format; empty if none.
function momentText(text, kind) {
  if (EPOCHS.has(kind) || kind === "excel") {
    if (!/^[0-9]{1,19}(\.[0-9]{1,9})?$/u.test(text)) return "";
    const number = Number(text);
    const seconds = kind === "excel" ? Math.floor(number * 86_400 + 0.5) - 2_209_161_600 : floorDivided(number, EPOCHS.get(kind));
    const possible = seconds >= -2_208_988_800 && seconds < 4_102_444_800; // 1900 to 2100
    return possible ? strftime({ millis: seconds * 1000, micro: 0 }, MOMENT) : "";
  }
  if (kind.includes("%z")) {
    text = shortened(text).replace(/(:[0-9]{2}(?:\.[0-9]{1,6})? ?[+-][0-9]{2})$/u, "$1:00");
    if (!ZONE.test(text)) return "";
  }
  const found = strptime(text, kind);
  if (found === null) return "";
  const made = strftime(found, MOMENT);
  if (made < "1000") return ""; // Python writes such years with fewer digits, which no format takes
  return kind.includes("%d") ? made : `1970-01-01${made.slice(10)}`;
}

// Python's // of two floating-point numbers that are not negative.
function floorDivided(number, by) {
  const quotient = (number - (number % by)) / by;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function shortened(text) {
  return text.replace(/(\.[0-9]{6})[0-9]+/gu, "$1");
}

// Keep a date in one of the strptime formats, bring moments and ISO dates there, and drop anything else.
function dateText(text, forms, rules) {
  if (rules.words.length) {
    const words = new Map(rules.words);
    text = text.replace(WORD, (word) => words.get(word.replace(/\.+$/u, "").toLowerCase()) ?? word);
    text = strip(text.replace(WHITES, " "), " ,");
  }
  if (forms.some((form) => form.includes("%f"))) text = shortened(text);
  for (const kind of rules.moments) text = momentText(text, kind) || text;
  if (rules.moments.length && rules.moments.every((kind) => kind.includes("%") && !kind.includes("%d"))) {
    const time = TIME.exec(text);
    return time === null ? "" : `1970-01-01 ${time[1]}${time[2] ?? ":00"}`;
  }
  for (const form of forms) {
    const found = strptime(text, form);
    if (found !== null) return LOOSE.test(text) && found.millis >= FOUR_DIGITS ? strftime(found, form) : text;
  }
  const iso = isoMoment(text);
  return iso === null ? "" : strftime(iso, forms[0]);
}
