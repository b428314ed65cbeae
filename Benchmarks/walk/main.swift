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
  }
} catch {
  print("\(error)")
  exit(1)
}

/// The most memory this program has had, in MiB.
func peakMemory() -> Int {
  var usage = rusage()
  _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss >> 10
}
