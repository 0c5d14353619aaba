/** Proof of work: search for a number in short slices, so that the page stays responsive. A visitor without proof
 * waits longer and is never refused. There is no Web Worker: the page's policy need not allow one, and none stays
 * behind. */

const SLICE = 12; // ms
const PATIENCE = 8000; // ms; an old phone waits longer rather than being lost

/** @param {number} patience ms @returns {Promise<{challenge: string, found: string} | {}>} never fails */
export async function work(patience = PATIENCE) {
  try {
    const answer = await fetch("/call/riddle", { credentials: "omit", cache: "no-store" });
    if (!answer.ok) return {};
    const { challenge, bits } = await answer.json();
    const found = await search(`${challenge}.`, bits, patience);
    return found ? { challenge, found } : {};
  } catch {
    return {};
  }
}

/** Search for a number. @param {string} prefix ASCII @param {number} bits at most 32 @param {number} patience ms
 * @returns {Promise<string | null>} null: none was found in that time */
export async function search(prefix, bits, patience = PATIENCE) {
  const until = performance.now() + patience;
  const { state, rest } = absorb(new TextEncoder().encode(prefix));
  let number = 0;
  for (let pause = performance.now() + SLICE; pause < until; pause = performance.now() + SLICE) {
    while (performance.now() < pause) {
      for (const end = number + 200; number < end; number++) {
        if (firstWord(state, rest, prefix.length, String(number)) >>> (32 - bits) === 0) return String(number);
      }
    }
    await new Promise((go) => setTimeout(go));
  }
  return null;
}

// SHA-256 (FIPS 180-4): full blocks of the prefix once, then one or two blocks for each number.

const K = new Uint32Array(64), START = new Uint32Array(8), W = new Uint32Array(64), H = new Uint32Array(8);
const BLOCK = new Uint8Array(128), VIEW = new DataView(BLOCK.buffer);
for (let n = 2, found = 0; found < 64; n++) {
  if ([...Array(n).keys()].slice(2).some((d) => n % d === 0)) continue;
  if (found < 8) START[found] = fraction(n ** (1 / 2));
  K[found++] = fraction(n ** (1 / 3));
}

function fraction(x) {
  return Math.floor((x - Math.floor(x)) * 2 ** 32);
}

/** @param {Uint8Array} bytes */
function absorb(bytes) {
  const state = START.slice(), whole = bytes.length - (bytes.length % 64);
  for (let at = 0; at < whole; at += 64) {
    BLOCK.set(bytes.subarray(at, at + 64));
    compress(state, 0);
  }
  return { state, rest: bytes.slice(whole) };
}

function firstWord(state, rest, before, digits) {
  const length = rest.length + digits.length, size = length < 56 ? 64 : 128;
  BLOCK.fill(0);
  BLOCK.set(rest);
  for (let i = 0; i < digits.length; i++) BLOCK[rest.length + i] = digits.charCodeAt(i);
  BLOCK[length] = 0x80;
  VIEW.setUint32(size - 4, 8 * (before + digits.length));
  H.set(state);
  for (let at = 0; at < size; at += 64) compress(H, at);
  return H[0];
}

function compress(h, at) {
  for (let i = 0; i < 16; i++) W[i] = VIEW.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3), s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    W[i] = W[i - 16] + s0 + W[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, k] = h;
  for (let i = 0; i < 64; i++) {
    const t1 = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    k = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
}

function turn(x, bits) {
  return (x >>> bits) | (x << (32 - bits));
}
