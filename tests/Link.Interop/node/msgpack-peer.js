'use strict';

// A second opinion on MessagePack: npm's @msgpack/msgpack encodes and decodes what a test gives it, or random values.

const { decode, encode, ExtData } = require('@msgpack/msgpack');

const Texts = ['a', 'z', 'é', '漢', '😀', '"', '\\', '\n', '\0', '\u007f', '\u2028', '7', '-', ' '];
const Numbers = [0, -0, 1, -1, 31, 32, 127, 128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 63, 2 ** 64, 1e21, 1e-7, 0.1, 5e-324];

// What JSON.stringify makes of a value, with byte arrays as Node's buffers.
function textOf(value) {
  return JSON.stringify(value, (_, item) => (item instanceof Uint8Array ? Buffer.from(item).toJSON() : item));
}

function hexOf(bytes) {
  return Buffer.from(bytes).toString('hex');
}

// The same numbers for the same seed (mulberry32), so that a failure can be repeated.
function generator(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

class RandomValues {
  constructor(seed) {
    this.next = generator(seed);
  }

  many(limit, make) {
    return Array.from({ length: this.next(limit) }, make);
  }

  text() {
    return this.many(this.next(20) === 0 ? 400 : 12, () => Texts[this.next(Texts.length)]).join('');
  }

  bytes() {
    return Buffer.from(this.many(this.next(20) === 0 ? 400 : 6, () => this.next(256)));
  }

  number() {
    switch (this.next(4)) {
      case 0: return Numbers[this.next(Numbers.length)] * (this.next(2) === 0 ? 1 : -1);
      case 1: return this.next(2000) - 1000;
      case 2: return (this.next(2 ** 32) - 2 ** 31) * 2 ** this.next(21);
      default: return Buffer.from(Array.from({ length: 8 }, () => this.next(256))).readDoubleBE();
    }
  }

  name() {
    return this.next(4) === 0 ? String(this.next(2 ** this.next(32))) : this.text();
  }

  value(depth) {
    switch (this.next(depth > 0 ? 10 : 7)) {
      case 0: return [null, true, false][this.next(3)];
      case 1:
      case 2: return this.number();
      case 3:
      case 4: return this.text();
      case 5: return this.next(3) === 0 ? new Date(this.next(2 ** 42)) : this.bytes();
      case 6: return this.next(3) === 0 ? new ExtData(this.next(127), this.bytes()) : this.text();
      case 7: return this.many(this.next(10) === 0 ? 40 : 5, () => this.value(depth - 1));
      default: return Object.fromEntries(this.many(this.next(10) === 0 ? 40 : 5, () => [this.name(), this.value(depth - 1)]));
    }
  }
}

const Commands = {
  // Random values: as MessagePack, and as JSON.
  msgpackRandom({ seed, count, options }) {
    const values = new RandomValues(seed);
    return Array.from({ length: count }, (_, index) => {
      const value = values.value(index % 5);
      return { hex: hexOf(encode(value, options)), json: textOf(value) };
    });
  },

  // JSON texts as MessagePack.
  msgpackEncode: ({ texts, options }) => texts.map((text) => hexOf(encode(JSON.parse(text), options))),

  // MessagePack as JSON texts.
  msgpackDecode: ({ values }) => values.map((hex) => textOf(decode(Buffer.from(hex, 'hex')))),

  // Whole numbers of 64 bits as MessagePack, and back, digit by digit.
  msgpackEncodeExactly: ({ integers }) => integers.map((text) => hexOf(encode(BigInt(text), { useBigInt64: true }))),
  msgpackDecodeExactly: ({ values }) => values.map((hex) => String(decode(Buffer.from(hex, 'hex'), { useBigInt64: true }))),

  // Points in time, in milliseconds, as MessagePack, and as JSON.
  msgpackTimes: ({ times }) => times.map((time) => new Date(time)).map((date) => ({ hex: hexOf(encode(date)), json: textOf(date) })),
};

module.exports = { MessagePackCommands: Commands };
