// Fibers that move between threads, one case a run: what goes wrong there ends the process.

internal import Glibc

let cases: [String: () throws -> Void] = [
  "inout": suspendsInsideAccess, "modify": suspendsInsideModify, "resumer": resumerHasAccesses,
  "alternating": fibersAlternate, "dropped": isDroppedInsideAccess, "nested": resumesBoundInsideAccess,
  "overlap": overlapsItself, "overlap-resumer": overlapsResumer,
  "bound": boundFibersMoveAlong, "foreign": foreignFiberIsRefused,
  "bare-switches": switchesWithoutSystemCalls, "bare-moves": movesWithoutSystemCalls,
]

guard CommandLine.arguments.count == 2, let run = cases[CommandLine.arguments[1]] else {
  print("usage: movement \(cases.keys.sorted().joined(separator: "|"))")
  exit(2)
}
try run()
print("done")
