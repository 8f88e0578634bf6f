// What the C# program second does, with npm's flic. It tells before it is connected, as flic's own example does: an original bridge may then lose
// the answer. The argument is the port.
const flic = require('flic');

const anonymous = flic.createNode({ port: Number(process.argv[2]), connect_callback: () => console.log('somenode online!') });
anonymous.tell('node1:event', 'flic_is_easy', (error, param) => {
  if (error) {
    throw error;
  }
  console.log(param);
  anonymous.leave();
});
