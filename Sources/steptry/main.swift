import ExecutionVerification
import FiberInspection
@preconcurrency import Glibc
var options = RunOptions()
options.mode = .all
let a = Array(CommandLine.arguments.dropFirst())
if let k = getenv("K") { options.mode = .sampled(activations: Int(String(cString: k))!) }
let run = ProgramRun(program: a[0], arguments: Array(a.dropFirst()), options: options)
let clock = ContinuousClock(); let t0 = clock.now
func hex(_ x: UInt64) -> String { "0x" + String(x, radix: 16) }
do {
  let r = try run.run()
  let dt = clock.now - t0
  let seconds = Double(dt.components.seconds) + Double(dt.components.attoseconds) / 1e18
  fputs("steps \(r.steps) walks \(r.walks) \(Int(Double(r.steps)/seconds))/s threads \(r.threads) processes \(r.processes) ending \(r.ending)\n", stderr)
  for (i, m) in r.modules.enumerated() {
    var reasons: [String: Int] = [:]
    for (_, u) in m.unjudged { reasons[u.rawValue, default: 0] += 1 }
    fputs("  \(i) \(m.path) seen \(m.seen.count) unjudged \(reasons) functions \(m.activations.count)\n", stderr)
    if getenv("U") != nil { for (a, u) in m.unjudged.sorted(by: { $0.key < $1.key }).prefix(60) { fputs("     \(hex(a)) \(u)\n", stderr) } }
  }
  fputs("mismatches \(r.mismatches.count)\n", stderr)
  for m in r.mismatches.prefix(60) { fputs("  \(r.modules[m.module].path.split(separator: "/").last ?? "") \(hex(m.address)) \(m.subject) claimed \(hex(m.claimed)) actual \(hex(m.actual)) x\(m.count)\n", stderr) }
  for p in r.problems.prefix(10) { fputs("problem \(p)\n", stderr) }
  for p in r.notes.prefix(10) { fputs("note \(p)\n", stderr) }
} catch { fputs("\(error)\n", stderr) }
