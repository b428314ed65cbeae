// Three fibers, each resumed by the one before: main > outer > middle > inner.
//
// Prints the backtrace of the innermost. With --pause it sleeps there until it is killed, for `fibertrace dump` to look at.

internal import FiberTrace
internal import Glibc

var pauses = false
for argument in CommandLine.arguments.dropFirst() {
  if argument == "--help" || argument == "-h" {
    print("usage: nested [--pause]")
    exit(0)
  }
  guard argument == "--pause" else {
    writeError("nested: unknown argument '\(argument)'\nusage: nested [--pause]")
    exit(64)
  }
  pauses = true
}
do {
  print("nested: \(try startOuter(pauses: pauses)) has come back")
} catch {
  writeError("nested: \(error)")
  exit(1)
}

func writeError(_ message: String) {
  let bytes = Array((message + "\n").utf8)
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
