internal import FiberInspection

/// What agreement checks of all processes of a run have found, and the gdb that they share.
package final class AgreementLedger {
  private struct Key: Hashable {
    var path: String
    var buildID: [UInt8]?
    var address: UInt64
    var unwinder: UnwinderName
    var verdict: Disagreement.Verdict
  }

  private struct Place: Hashable {
    var path: String
    var address: UInt64
  }

  let unwinders: [UnwinderName]
  let schedule: AgreementSchedule
  private(set) var counts = AgreementReport()
  private var found: [Key: Disagreement] = [:]
  private var places: Set<Place> = []
  private var gdb: GdbUnwinder?
  private var gdbFailed = false
  /// Whose modules gdb knows.
  private weak var gdbServes: Agreement?

  /// - Parameter unwinders: those to be compared; our rows are what the others are held against, named or not.
  package init(_ unwinders: [UnwinderName], schedule: AgreementSchedule = AgreementSchedule()) {
    self.schedule = schedule
    self.unwinders = UnwinderName.allCases.filter { unwinders.contains($0) }
    counts.unwinders = self.unwinders
  }

  /// gdb with the modules of a process; nil if it cannot be used, which a problem tells.
  func gdb(for agreement: Agreement, modules: [Module], memory: any MemoryReader) -> GdbUnwinder? {
    guard !gdbFailed else { return nil }
    do throws(AgreementError) {
      let gdb: GdbUnwinder
      if let known = self.gdb { gdb = known } else { gdb = try GdbUnwinder(memory: memory) }
      self.gdb = gdb
      if gdbServes !== agreement {
        try gdb.setModules(modules, memory: memory)
        gdbServes = agreement
      }
      return gdb
    } catch {
      lostGdb(error)
      return nil
    }
  }

  /// The modules of a process have changed.
  func modulesChanged(of agreement: Agreement) {
    if gdbServes === agreement { gdbServes = nil }
  }

  /// gdb is of no more use.
  func lostGdb(_ error: AgreementError) {
    gdbFailed = true
    gdb = nil
    note(error)
  }

  /// An unwinder cannot be used.
  func note(_ error: AgreementError) {
    let problem = Problem("\(error)")
    if !counts.problems.contains(problem) { counts.problems.append(problem) }
  }

  /// - Parameter frames: how many our rows have found.
  func compared(path: String, address: UInt64, frames: Int) {
    counts.comparisons += 1
    if unwinders.contains(.rows) { agreed(.rows, frames: frames) }
    if places.insert(Place(path: path, address: address)).inserted { counts.instructions += 1 }
  }

  func agreed(_ unwinder: UnwinderName, frames: Int) { counts.agreedFrames[unwinder, default: 0] += frames }

  func met(_ limit: KnownLimit, of unwinder: UnwinderName) {
    counts.limits[AgreementReport.LimitOf(unwinder: unwinder, limit: limit), default: 0] += 1
  }

  func add(_ disagreement: Disagreement) {
    let key = Key(
      path: disagreement.path, buildID: disagreement.buildID, address: disagreement.address,
      unwinder: disagreement.unwinder, verdict: disagreement.verdict)
    found[key, default: disagreement].count += found[key] == nil ? 0 : 1
  }

  /// All that was found so far.
  package var report: AgreementReport {
    var report = counts
    report.problems += (gdb?.problems ?? []).filter { !report.problems.contains($0) }
    report.disagreements = found.values.sorted {
      ($0.path, $0.address, $0.unwinder.rawValue, "\($0.verdict)")
        < ($1.path, $1.address, $1.unwinder.rawValue, "\($1.verdict)")
    }
    return report
  }
}
