// Who is within reach, by the same formula as the server (kernel/distance.py), and a quick choice of sites.
const EARTH_M = 6371008.8;
const TURN = Math.PI / 180;
const ROUNDS = 50;

export function metres(lonA, latA, lonB, latB) {
  const across = Math.sin(((lonB - lonA) * TURN) / 2) ** 2;
  const half =
    Math.sin((latB * TURN - latA * TURN) / 2) ** 2 + Math.cos(latA * TURN) * Math.cos(latB * TURN) * across;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

// The places of the homes within a radius of a position. A home is [code, lon, lat, elders].
export function within(homes, lon, lat, radius) {
  const band = (radius / EARTH_M / TURN) * 1.000001;
  const found = [];
  homes.forEach((home, place) => {
    if (Math.abs(home[2] - lat) <= band && metres(home[1], home[2], lon, lat) <= radius) found.push(place);
  });
  return found;
}

export function elders(homes, places) {
  let sum = 0;
  for (const place of places) sum += homes[place][3];
  return sum;
}

// The site that adds most, again and again, then single exchanges. `limits`: {add, budget} in fen or Infinity.
export function choose(homes, done, sites, limits) {
  const times = new Uint16Array(homes.length);
  for (const place of done) times[place] = 1;
  const chosen = new Set();
  let spent = 0;
  const cost = (site) => (limits.budget === Infinity ? 0 : sites[site].cost);
  const gain = (site) => sites[site].reach.reduce((sum, place) => sum + (times[place] ? 0 : homes[place][3]), 0);
  const put = (site, by) => {
    if (by > 0) chosen.add(site);
    else chosen.delete(site);
    spent += by * cost(site);
    for (const place of sites[site].reach) times[place] += by;
  };
  const best = () => {
    let found = -1;
    let most = 0;
    for (let site = 0; site < sites.length; site += 1) {
      if (chosen.has(site) || cost(site) === null || spent + cost(site) > limits.budget) continue;
      const worth = gain(site);
      if (worth > most) [found, most] = [site, worth];
    }
    return [found, most];
  };
  while (chosen.size < limits.add) {
    const [site] = best();
    if (site < 0) break;
    put(site, 1);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    let better = false;
    for (const out of [...chosen]) {
      put(out, -1);
      const lost = gain(out);
      const [site, worth] = best();
      put(worth > lost ? site : out, 1);
      better = better || worth > lost;
    }
    if (!better) break;
  }
  return [...chosen].sort((a, b) => a - b);
}
