/** The other end of limit L2: sends back what arrives. Prints its port; ends with its parent, whose pipe it reads. */
const server = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data(socket, chunk) {
      socket.write(chunk);
    },
  },
});
process.stdout.write(`${server.port}\n`);
process.stdin.on("end", () => process.exit());
process.stdin.resume();
