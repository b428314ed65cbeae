internal import FiberTrace
internal import Glibc

// The levels differ in their types, and none is inlined, so that backtraces show each by its own name.

/// Runs all three levels, and answers the path to the innermost.
@inline(never)
func startOuter(pauses: Bool) throws -> String {
  let outer = try Fiber<Void, Never, String>(name: "outer") { _, _ in
    try runOuter(pauses: pauses)
  }
  switch try outer.resume() {
  case .returned(let path): return path
  }
}

@inline(never)
func runOuter(pauses: Bool) throws -> String {
  let middle = try Fiber<Bool, Never, [String]>(name: "middle") { _, pauses in
    try runMiddle(pauses: pauses)
  }
  switch try middle.resume(pauses) {
  case .returned(let names): return (["outer"] + names).joined(separator: " > ")
  }
}

@inline(never)
func runMiddle(pauses: Bool) throws -> [String] {
  let inner = try Fiber<Int, Never, Substring>(name: "inner") { _, seconds in
    try runInner(seconds: seconds)
  }
  switch try inner.resume(pauses ? .max : 0) {
  case .returned(let name): return ["middle", String(name)]
  }
}

/// Sleeps, or shows how it came here if it need not.
@inline(never)
func runInner(seconds: Int) throws -> Substring {
  if seconds > 0 {
    print("nested: pid \(getpid()) stands three fibers deep; Ctrl-C ends it")
    sleepUntilKilled()
  }
  print(try Backtrace.capture())
  return "inner"
}

@inline(never)
func sleepUntilKilled() -> Never {
  fflush(nil)
  while true { pause() }
}
