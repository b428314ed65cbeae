// Three fibers, each resumed by the one before: main > outer > middle > inner.
//
// Prints the backtrace of the innermost. With --pause it stands there until it is killed, for `fibertrace dump` to look at.

internal import FiberTrace
internal import Glibc

typealias Level = Fiber<Void, Void, Int>

var pauses = false
for argument in CommandLine.arguments.dropFirst() {
  guard argument == "--pause" else { exitWithUsage(argument) }
  pauses = true
}
do {
  try runOuter(pauses: pauses)
} catch {
  writeError("nested: \(error)")
  exit(1)
}

@inline(never)
func runOuter(pauses: Bool) throws {
  let outer = try Level(name: "outer") { _, _ in try runMiddle(pauses: pauses) }
  let depth = try resume(outer)
  print("nested: came back from \(depth) fibers")
}

@inline(never)
func runMiddle(pauses: Bool) throws -> Int {
  let middle = try Level(name: "middle") { _, _ in try runInner(pauses: pauses) }
  return try resume(middle) + 1
}

@inline(never)
func runInner(pauses: Bool) throws -> Int {
  let inner = try Level(name: "inner") { _, _ in try standInnermost(pauses: pauses) }
  return try resume(inner) + 1
}

/// The value that a fiber returns; none of them suspends.
@inline(never)
func resume(_ fiber: Level) throws -> Int {
  switch try fiber.resume() {
  case .returned(let depth): return depth
  case .yielded: return 0
  }
}

@inline(never)
func standInnermost(pauses: Bool) throws -> Int {
  if pauses {
    print("nested: pid \(getpid()) stands three fibers deep; Ctrl-C ends it")
    sleepUntilKilled()
  }
  print(try Backtrace.capture())
  return 1
}

@inline(never)
func sleepUntilKilled() -> Never {
  fflush(nil)
  while true { pause() }
}

func exitWithUsage(_ argument: String) -> Never {
  writeError("nested: unknown argument '\(argument)'\nusage: nested [--pause]")
  exit(64)
}

func writeError(_ message: String) {
  let bytes = Array((message + "\n").utf8)
  _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
