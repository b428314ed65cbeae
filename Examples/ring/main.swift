// Fibers that stand in a ring and pass a token round.
//
// A starter makes the token and finishes; each passer waits for the token and hands it on; a reporter, at the end, says how often it
// was passed. With --pause the passer that gets the token last stands still until it is killed: then dumps show a fiber that has
// finished, some that are suspended, one that runs, and one that has not started.

internal import FiberTrace
internal import Glibc

do {
  let options = try Options(CommandLine.arguments.dropFirst())
  if options.showsUsage {
    print(Options.usage)
    exit(0)
  }
  try runRing(options)
} catch let error as UsageError {
  writeError("ring: \(error.message)\n\(Options.usage)")
  exit(64)
} catch {
  writeError("ring: \(error)")
  exit(1)
}

@inline(never)
func runRing(_ options: Options) throws {
  let starter = try makeStarter()
  var passers: [Passer] = []
  // Not `map`, which would ask for memory for all of them at once: there may be too many.
  for number in 1...options.fibers { passers.append(try makePasser(number: number, options)) }
  let reporter = try makeReporter()

  var token = try start(starter)
  for round in 1...options.rounds {
    token.round = round
    for passer in passers {
      token = try pass(token, to: passer)
    }
  }
  try report(token, to: reporter)
  // The starter has finished long ago; dumps show it as long as its handle is there.
  withExtendedLifetime(starter) {}
}

func writeError(_ message: String) {
  let bytes = Array((message + "\n").utf8)
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
