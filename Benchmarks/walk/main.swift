internal import FiberInspection
internal import Glibc

/// Prints how long a capture and its walks take, by the wall and by this program's own processor time:
/// WalkBenchmark PID|CORE [REPETITIONS]
guard CommandLine.arguments.count > 1 else {
  print("usage: WalkBenchmark PID|CORE [REPETITIONS]")
  exit(64)
}
let target = CommandLine.arguments[1]
let repetitions = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) ?? 1 : 1

do {
  for _ in 0..<repetitions {
    let start = Times()
    let snapshot = try Int32(target).map { try Snapshot.capture(processID: $0) } ?? Snapshot.load(core: target)
    let taken = start.untilNow
    let fibers = snapshot.registries.reduce(0) { $0 + $1.fibers.count }
    var stop = ""
    if case .process(let stopped) = snapshot.source { stop = "stopped \(stopped), " }
    print("capture: \(fibers) fibers, \(stop)\(taken.text), peak memory \(peakMemory()) MiB")
    for problem in snapshot.problems { print("  \(problem)") }

    let starts = suspended(snapshot)
    var rows = RowUnwinder(snapshot)
    measure("rows, with every lookup", starts) { rows.walk(from: $0, limit: 1000) }
    measure("rows", starts) { rows.walk(from: $0, limit: 1000) }
    // libdw takes a hundred times as long: a part of the stacks will do.
    let session = try LibdwSession(snapshot)
    var libdw = LibdwUnwinder(session: session, mappings: snapshot.mappings)
    let part = Array(starts.prefix(2000))
    guard !part.isEmpty else { continue }
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
  let start = Times()
  for registers in starts {
    let walk = walk(registers)
    frames += walk.frames.count
    if walk.end == .outermost { whole += 1 }
  }
  let taken = start.untilNow
  func perFrame(_ time: Double) -> Double { (time * 1e10 / Double(max(frames, 1))).rounded() / 10 }
  print(
    "\(what): \(starts.count) stacks, \(whole) of them whole, \(frames) frames, \(taken.text): "
      + "\(perFrame(taken.wall)) ns a frame, \(perFrame(taken.processor)) of processor time")
}

/// What the clock on the wall and that of this program's processor time show, in seconds.
struct Times {
  var wall = Self.seconds(CLOCK_MONOTONIC)
  var processor = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)

  /// What has passed of both.
  var untilNow: Times {
    let now = Times()
    return Times(wall: now.wall - wall, processor: now.processor - processor)
  }

  var text: String { "\((wall * 1e6).rounded() / 1e3) ms (processor \((processor * 1e6).rounded() / 1e3) ms)" }

  private static func seconds(_ clock: Int32) -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// The most memory this program has had, in MiB.
func peakMemory() -> Int {
  var usage = rusage()
  _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss >> 10
}
