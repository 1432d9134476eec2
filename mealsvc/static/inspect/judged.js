// What the measured values of an item say together, judged as the server will judge them: whoever signs
// without network must know before. Pure; the thresholds come with the item.

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const thousandths = (text) => Math.round(Number(text) * 1000);
const minutes = (clock) => Number(clock.split(":")[0]) * 60 + Number(clock.split(":")[1]);
const plain = (number) => number.toFixed(2).replace(/\.?0+$/, "");
const has = (values, ...names) => names.every((name) => values[name]);

/** [[field, sentence]] of what is outside; `values` are well written, see record.js. */
export function together(item, values, today) {
  const limits = item.limits;
  if (!limits) return []; // taken along before the phone could judge; the server does
  const said = item.fields.filter((field) => field.percent !== null && has(values, field.name)).flatMap((field) => share(field, values));
  return [...said, ...(JUDGES[item.code]?.(values, limits, today, item) || [])];
}

function share(field, values) {
  const whole = values[field.part_of] || values[field.name];
  return thousandths(values[field.name]) * 100 > thousandths(whole) * field.percent ? [[field.name, `${field.label}占比超过${field.percent}%`]] : [];
}

function holding(values, limits) {
  if (!has(values, "hold_temp_c")) return [];
  const temp = Number(values.hold_temp_c);
  const [hot, cold, longest] = ["hold.hot_c", "hold.cold_c", "hold.danger_minutes"].map((key) => Number(limits[key]));
  const between = cold < temp && temp < hot;
  const tooLong = !values.minutes_in_zone || Number(values.minutes_in_zone) > longest;
  return between && tooLong ? [["hold_temp_c", `存放温度${values.hold_temp_c}℃在${cold}～${hot}℃之间，存放不能超过${longest}分钟，请填存放时间`]] : [];
}

function disinfecting(values, limits, _today, item) {
  const asked = limits[`disinfect.${values.method}`];
  if (!asked) return [];
  const [first, last] = asked.split(",").map(Number);
  const name = item.fields.find((field) => field.name === "method").options.find(([code]) => code === values.method)[1];
  const chlorine = values.method === "chlorine";
  const needs = [
    [chlorine ? "ppm" : "temp_c", first, chlorine ? "mg/L" : "℃"],
    ["minutes", values.method === "washer" ? last / 60 : last, "分钟"],
  ];
  return needs.filter(([field, need]) => !values[field] || Number(values[field]) < need).map(([field, need, unit]) => [field, `${name}消毒要求不低于${plain(need)}${unit}`]);
}

function delivering(values, limits) {
  if (!has(values, "cooked_at", "delivered_at")) return [];
  const took = minutes(values.delivered_at) - minutes(values.cooked_at);
  const [hot, soon] = [limits["hold.hot_c"], limits["hold.danger_minutes"]];
  const longest = 60 * Number(limits["deliver.eat_by_hours_hot"]);
  if (took < 0) return [["delivered_at", "送达时刻早于烧熟时刻"]];
  if (took > longest) return [["delivered_at", `烧熟到送达${took}分钟，超过${longest}分钟`]];
  if (took > Number(soon) && Number(values.core_temp_c || 0) < Number(hot)) return [["core_temp_c", `烧熟到送达${took}分钟，超过${soon}分钟，中心温度应不低于${hot}℃`]];
  return [];
}

function portion(values, limits) {
  if (!has(values, "grams", "standard_grams")) return [];
  const [grams, standard, most] = [thousandths(values.grams), thousandths(values.standard_grams), Number(limits["visit.portion_deviation"])];
  return Math.abs(grams - standard) * 100 > most * standard ? [["grams", `抽称重量${values.grams}克与标准${values.standard_grams}克相差超过${limits["visit.portion_deviation"]}%`]] : [];
}

function priceParts(values) {
  const parts = ["list", "discount", "subsidy", "self_pay"];
  if (!has(values, ...parts)) return [];
  const [full, ...less] = parts.map((name) => thousandths(values[name]));
  return full === less.reduce((sum, one) => sum + one, 0) ? [] : [["list", "原价不等于优惠、补贴、老人实付之和"]];
}

function filedPrice(values) {
  if (!has(values, "price_filed", "price_charged")) return [];
  return thousandths(values.price_filed) === thousandths(values.price_charged) ? [] : [["price_charged", "执行价与备案价不一致"]];
}

function notOlder(name, key, what) {
  return (values, limits, today) => {
    const [done, now] = [DAY.exec(values[name] || ""), DAY.exec(today)];
    if (!done || !now) return [];
    const [year, month, day] = [1, 2, 3].map((at) => Number(now[at]) - Number(done[at]));
    const age = year * 12 + month - (day < 0 ? 1 : 0);
    const most = Number(limits[key]);
    return age > most || (age === most && day > 0) ? [[name, `${what}已超过${most}个月`]] : [];
  };
}

const JUDGES = {
  "COK-03": holding,
  "DIS-01": disinfecting,
  "DLV-02": delivering,
  "STD-02": portion,
  "PRC-02": priceParts,
  "PRC-03": filedPrice,
  "STF-05": notOlder("last_training_date", "training.months", "最近一次培训考核"),
  "UNT-02": notOlder("last_drill_date", "drill.months", "最近一次演练"),
};
