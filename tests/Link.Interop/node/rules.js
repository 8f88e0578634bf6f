'use strict';

// What a peer does with a request, by name, as a test asks for it.

function codesOf(text) {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

const Rules = {
  echo: () => (request) => request.reply({ echo: request.data }),
  give: ({ object, success }) => (request) => request.reply(object, success ?? undefined),
  codes: () => (request) => request.reply({ codes: codesOf(request.data.text) }),
  hold: () => () => {},

  // Waits for so many requests, then answers the last one first.
  reverse: ({ count }) => {
    const held = [];
    return (request) => {
      held.push(request);
      if (held.length === count) {
        held.reverse().forEach((each) => each.reply({ echo: each.data }));
      }
    };
  },
};

module.exports = {
  makeRule: ({ kind, ...details }) => Rules[kind](details),
  codesOf,
};
