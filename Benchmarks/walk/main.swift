internal import FiberInspection
internal import Glibc

/// Prints how long a capture and its walks take: WalkBenchmark PID [REPETITIONS]
guard CommandLine.arguments.count > 1, let process = Int32(CommandLine.arguments[1]) else {
  print("usage: WalkBenchmark PID [REPETITIONS]")
  exit(64)
}
let repetitions = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1 : 1

do {
  for _ in 0..<repetitions {
    let clock = ContinuousClock()
    let start = clock.now
    let snapshot = try Snapshot.capture(processID: process)
    let captured = clock.now - start
    guard case .process(let stopped) = snapshot.source else { exit(1) }
    let fibers = snapshot.registries.reduce(0) { $0 + $1.fibers.count }
    print("capture: \(fibers) fibers, stopped \(stopped), whole \(captured), peak memory \(peakMemory()) MiB")
    for problem in snapshot.problems { print("  \(problem)") }

    let starts = suspended(snapshot)
    var rows = RowUnwinder(snapshot)
    measure("rows, with every lookup", starts) { rows.walk(from: $0, limit: 1000) }
    measure("rows", starts) { rows.walk(from: $0, limit: 1000) }
    // libdw takes a hundred times as long: a part of the stacks will do.
    let session = try LibdwSession(snapshot)
    var libdw = LibdwUnwinder(session: session, mappings: snapshot.mappings)
    let part = Array(starts.prefix(2000))
    _ = libdw.walk(from: part[0], limit: 1000)
    measure("libdw", part) { libdw.walk(from: $0, limit: 1000) }
  }
} catch {
  print("\(error)")
  exit(1)
}

/// Where the walks of all suspended fibers start.
func suspended(_ snapshot: Snapshot) -> [Registers] {
  snapshot.registries.flatMap { registry in
    registry.fibers.filter { !$0.isOnThread && !$0.isFinished && $0.count > 0 }.map {
      Registers(
        programCounter: registry.layout.suspendedProgramCounter, framePointer: $0.savedStackPointer,
        stackPointer: $0.savedStackPointer)
    }
  }
}

/// Walks from each of `starts` and prints how long a frame took.
func measure(_ what: String, _ starts: [Registers], _ walk: (Registers) -> Walk) {
  var frames = 0
  var whole = 0
  let start = ContinuousClock.now
  for registers in starts {
    let walk = walk(registers)
    frames += walk.frames.count
    if walk.end == .outermost { whole += 1 }
  }
  let time = ContinuousClock.now - start
  let nanoseconds = Double(time.components.seconds) * 1e9 + Double(time.components.attoseconds) / 1e9
  print(
    "\(what): \(starts.count) stacks, \(whole) of them whole, \(frames) frames, \(time), "
      + "\((nanoseconds / Double(max(frames, 1)) * 10).rounded() / 10) ns a frame")
}

/// The most memory this program has had, in MiB.
func peakMemory() -> Int {
  var usage = rusage()
  _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss >> 10
}
