'use strict';

// What a peer does with a request, by name, as a test asks for it.

function codesOf(text) {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

const Rules = {
  echo: () => (request) => request.reply({ echo: request.data }),
  give: ({ object, success }) => (request) => request.reply(object, success),
  codes: () => (request) => request.reply({ codes: codesOf(request.data.text) }),
  hold: () => () => {},
};

module.exports = {
  makeRule: ({ kind, ...details }) => Rules[kind](details),
  codesOf,
};
