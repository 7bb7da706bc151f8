"""Words for the steps of scales, from the lowest step to the highest."""

from collections.abc import Mapping

# A scale begins at the margin; "<" stands between its steps, "/" between the spellings of one step.
_SCALES = """
zero/none/no/negligible < trace/minimal < very low/verylow/vlow/v low < low/lower/lo/niedrig/gering/bas/faible/
  bajo/baixo/basso/laag/низкий/低 < below average < medium/med/mid/middle/moderate/average/normal/mittel/moyen/
  medio/médio/gemiddeld/средний/中/中等 < above average < high/higher/hi/upper/hoch/haut/élevé/alto/hoog/высокий/
  高 < very high/veryhigh/vhigh/v high/sehr hoch/很高 < extreme/extremely high/urgent/critical/极高
xxxs < xxs < xs/extra small < s/small < m/medium < l/large < xl/extra large < xxl/2xl < xxxl/3xl < xxxxl/4xl <
  5xl
tiny/very small/winzig < mini < small/klein/petit/pequeño/piccolo/小 < medium/med/mittel/mid/moyen/mediano/medio/中 <
  big/large/groß/gross/grand/grande/大 < very big/very large/huge/riesig/特大
very bad/very poor/awful/terrible/sehr schlecht/很差 < bad/poor/schlecht/mauvais/malo/cattivo/差 < weak/
  below average < fair/ok/okay/average/acceptable/satisfactory/mittel/regular/一般/中 < normal < above average <
  good/gut/bon/bueno/buono/bom/良/良好/好 < very good/sehr gut/très bien/muy bueno/很好 < premium < excellent/
  outstanding/exceptional/superb/ausgezeichnet/excelente/优/优秀/非常好 < ideal/perfect
very poor < poor < below average < average < above average < good < very good < excellent
fail/failed/不及格 < pass/passed/及格 < merit/credit < distinction
never/nie/jamais/nunca/mai/nooit/никогда/从不 < almost never/hardly ever < rarely/seldom/selten/rarement/
  raramente/raras veces/zelden/редко/很少 < occasionally/gelegentlich/偶尔 < sometimes/manchmal/parfois/a veces/
  às vezes/a volte/soms/иногда/有时 < regularly < often/frequently/frequent/häufig/oft/souvent/a menudo/spesso/
  vaak/часто/经常 < usually/mostly/most of the time/meistens < very often/very frequently < almost always <
  always/immer/toujours/siempre/sempre/altijd/всегда/总是
never < non travel/none < travel rarely/rarely < travel frequently/frequently
hourly < daily/täglich/quotidien/diario/每天 < weekly/wöchentlich/hebdomadaire/semanal/每周 < biweekly/fortnightly <
  semimonthly < monthly/monatlich/mensuel/mensual/每月 < quarterly/vierteljährlich/trimestral < semiannual/
  semiannually/half yearly < yearly/annual/annually/jährlich/annuel/anual/每年
strongly disagree/totally disagree/completely disagree/非常不同意 < disagree/不同意 < somewhat disagree/
  slightly disagree < neutral/neither agree nor disagree/neither/undecided/中立/一般 < somewhat agree/
  slightly agree < agree/同意 < strongly agree/totally agree/completely agree/非常同意
very dissatisfied/very unsatisfied/非常不满意 < dissatisfied/unsatisfied/不满意 < somewhat dissatisfied < neutral/一般 <
  somewhat satisfied < satisfied/满意 < very satisfied/非常满意
very unlikely/extremely unlikely < unlikely/somewhat unlikely < neutral/possible/maybe < likely/
  somewhat likely < very likely/extremely likely < certain/almost certain
not at all < a little/slightly/a little bit < somewhat/moderately < quite a bit/very/mostly < extremely/
  completely/very much
not important/unimportant < slightly important < moderately important/neutral < important < very important <
  extremely important
very easy < easy/einfach/facile/fácil/简单 < medium/moderate/normal/中等 < hard/difficult/schwer/difficile/difícil/
  困难/难 < very hard/very difficult < expert
freezing < very cold < cold/kalt/froid/frío/freddo/冷 < cool/kühl/凉 < mild/温 < warm/temperate/lauwarm/温暖 < hot/
  heiß/chaud/caliente/caldo/热 < very hot
very slow < slow/langsam/慢 < medium/moderate/normal < fast/schnell/quick/快 < very fast
very light/lightest < light/leicht/轻 < medium < heavy/schwer/重 < very heavy
none/absent/normal/无 < minimal < mild/slight/minor/leicht/léger/leve/轻度/轻微 < moderate/mäßig/modéré/moderado/中度 <
  severe/major/serious/schwer/sévère/grave/severo/重度/严重 < critical/very severe/life threatening/fatal/危重
low < normal < elevated/borderline/prehypertension < high < crisis
underweight/偏瘦 < normal/normal weight/healthy weight/正常 < overweight/超重 < obese/obesity/肥胖 < extremely obese/
  severely obese
slight < minor < serious < fatal
no/none < partial/partially/partly < full/fully/complete
first/1st/erste/premier/primero/primo < second/2nd/zweite/deuxième/segundo/secondo < third/3rd/dritte/troisième/
  tercero/terzo < fourth/4th/vierte < fifth/5th < sixth/6th < seventh/7th < eighth/8th < ninth/9th < tenth/10th
one/eins/un/uno/一 < two/zwei/deux/dos/due/二 < three/drei/trois/tres/tre/三 < four/vier/quatre/cuatro/quattro/四 <
  five/fünf/cinq/cinco/cinque/五 < six/sechs/seis/sei/六 < seven/sieben/sept/siete/sette/七 < eight/acht/huit/ocho/
  otto/八 < nine/neun/neuf/九 < ten/zehn/dix/diez/dieci/十 < eleven < twelve
i < ii < iii < iv < v < vi < vii < viii < ix < x
jan/january/januar/janvier/enero/gennaio/janeiro/januari/январь/一月/1月 < feb/february/februar/février/febrero/
  febbraio/fevereiro/februari/февраль/二月/2月 < mar/march/märz/mars/marzo/março/maart/март/三月/3月 < apr/april/
  avril/abril/aprile/апрель/四月/4月 < may/mai/mayo/maggio/maio/mei/май/五月/5月 < jun/june/juni/juin/junio/giugno/
  junho/июнь/六月/6月 < jul/july/juli/juillet/julio/luglio/julho/июль/七月/7月 < aug/august/août/agosto/augustus/
  август/八月/8月 < sep/sept/september/septembre/septiembre/settembre/setembro/сентябрь/九月/9月 < oct/october/
  oktober/octobre/octubre/ottobre/outubro/okt/октябрь/十月/10月 < nov/november/novembre/noviembre/novembro/ноябрь/
  十一月/11月 < dec/december/dezember/décembre/diciembre/dicembre/dezembro/dez/декабрь/十二月/12月
mon/monday/montag/mo/lundi/lunes/lunedì/segunda/maandag/понедельник/周一/星期一 < tue/tues/tuesday/dienstag/di/mardi/
  martes/martedì/terça/dinsdag/вторник/周二/星期二 < wed/wednesday/mittwoch/mi/mercredi/miércoles/mercoledì/quarta/
  woensdag/среда/周三/星期三 < thu/thur/thurs/thursday/donnerstag/do/jeudi/jueves/giovedì/quinta/donderdag/четверг/
  周四/星期四 < fri/friday/freitag/fr/vendredi/viernes/venerdì/sexta/vrijdag/пятница/周五/星期五 < sat/saturday/samstag/
  sa/samedi/sábado/sabato/zaterdag/суббота/周六/星期六 < sun/sunday/sonntag/so/dimanche/domingo/domenica/zondag/
  воскресенье/周日/星期日/星期天
night/early morning < morning < noon/midday < afternoon < evening < late evening/late night
infant/baby < toddler < child/kid/children/儿童 < teen/teenager/adolescent/青少年 < young adult/young/youth/青年 <
  adult/中年/middle aged < senior/elderly/old/老年
new/neu/nuevo < young < old/alt/viejo < very old
no education/no formal education/uneducated/illiterate/文盲 < kindergarten/preschool < elementary/
  elementary school/primary/primary school/primary education/小学 < middle school/lower secondary/junior high/
  junior high school/some high school/初中 < high school/highschool/secondary/secondary school/
  secondary education/high school graduate/high school diploma/hs grad/高中/中专 < vocational/some college/college/
  大专/专科 < associate/associates/associate degree/associates degree < graduation/graduate/undergraduate/bachelor/
  bachelors/bachelor s/bachelor degree/bachelors degree/bachelor s degree/university degree/university/tertiary/
  higher education/本科/学士 < postgraduate/post graduate/master/masters/master s/master degree/masters degree/
  master s degree/硕士/研究生 < doctor/doctorate/doctoral/phd/ph d/博士
novice/beginner/starter/初级 < elementary/basic < intermediate/中级 < advanced/高级 < expert/professional/master/专家
trainee/intern/apprentice < entry/entry level < junior < mid/mid level/intermediate/middle < senior < staff/
  lead < principal/manager < director < executive/vp < c level
basic/free/starter/economy/eco < standard/regular/eco plus/economy plus/premium economy < plus < premium/pro/
  business/advanced < enterprise/first/first class/ultimate/vip
economy < comfort < business < first
bronze < silver < gold < platinum < diamond
poor < lower/lower class/working class < lower middle < middle/middle class < upper middle < upper/upper class/
  rich
low income < lower middle income < middle income < upper middle income < high income
unskilled < semi skilled/semiskilled < skilled < highly skilled
least developed < developing < developed
rural < suburban < urban
empty < quarter < half < three quarters < full
f < e < d < d+ < c- < c < c+ < b- < b < b+ < a- < a < a+
d < c < cc < ccc- < ccc < ccc+ < b- < b < b+ < bb- < bb < bb+ < bbb- < bbb < bbb+ < a- < a < a+ < aa- < aa <
  aa+ < aaa
一级 < 二级 < 三级 < 四级 < 五级
丁 < 丙 < 乙 < 甲
"""

# Answers that refuse a scale: they stand beside its steps, in small letters and without signs inside.
NO_ANSWERS = frozenset(
    """
prefer not to say/prefer not to answer/i prefer not to say/i prefer not to answer/rather not say/decline to answer/
declined to answer/declined/refused/refuse to answer/no answer/not answered/no response/no opinion/don t know/dont know/
do not know/i don t know/i dont know/dk/not sure/unsure/can t say/cannot say/can t tell/not applicable/does not apply/
unknown/undisclosed/not stated/not specified/not reported/keine angabe/keine angaben/keine antwort/k a/ka/weiß nicht/
weiss nicht/ich weiß nicht/ich weiss nicht/möchte ich nicht sagen/möchte nicht antworten/trifft nicht zu/
nicht zutreffend/keine meinung/unbekannt/verweigert/ne sait pas/je ne sais pas/sans réponse/pas de réponse/nsp/
sans opinion/préfère ne pas répondre/préfère ne pas dire/non concerné/inconnu/no sabe/no lo sé/no sé/no contesta/ns nc/
prefiero no decirlo/prefiero no contestar/no aplica/sin respuesta/desconocido/não sei/não sabe/prefiro não responder/
prefiro não dizer/não se aplica/non so/non lo so/preferisco non rispondere/non applicabile/weet niet/weet ik niet/
zeg ik liever niet/geen antwoord/geen mening/nie wiem/trudno powiedzieć/не знаю/затрудняюсь ответить/нет ответа/
отказ от ответа/не применимо/不知道/不清楚/不确定/不愿透露/不想回答/不愿回答/拒绝回答/未回答/不适用/不便透露/保密
    """.replace("\n", "")
    .strip()
    .split("/")
)


def _ranks() -> tuple[Mapping[str, int], ...]:
    scales: list[str] = []
    for line in _SCALES.strip().splitlines():
        if line.startswith(" "):
            scales[-1] += line.strip() if scales[-1].endswith("/") else f" {line.strip()}"
        else:
            scales.append(line)
    return tuple(
        {spelling: rank for rank, step in enumerate(scale.split("<")) for spelling in step.strip().split("/")}
        for scale in scales
    )


RANKS = _ranks()
"""For each scale, the rank of each word."""
