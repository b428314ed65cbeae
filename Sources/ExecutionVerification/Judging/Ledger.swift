internal import FiberInspection

/// What was found and seen in the processes of one run, by file: processes share it, since they share files.
final class Ledger {
  private struct File: Hashable {
    var path: String
    var buildID: [UInt8]?
  }

  private struct Key: Hashable {
    var file: Int
    var address: UInt64
    var subject: Mismatch.Subject
  }

  /// Findings beyond so many different ones are only counted: something is wrong with the whole run.
  static let mostMismatches = 100_000

  private var files: [File: Int] = [:]
  private(set) var modules: [StepReport.Module] = []
  private var mismatches: [Key: Mismatch] = [:]
  private(set) var lostMismatches = 0
  var steps = 0
  var walks = 0

  init() {}

  /// Index of a module's file, or of code that is in none.
  func file(of module: Module?) -> Int {
    let file = File(path: module?.path ?? "", buildID: module?.buildID)
    if let known = files[file] { return known }
    files[file] = modules.count
    modules.append(StepReport.Module(path: file.path, buildID: file.buildID, image: module?.image))
    return modules.count - 1
  }

  /// - Parameter place: where in code an address of the process is, asked for the first time only.
  func add(
    file: Int, address: UInt64, _ subject: Mismatch.Subject, claimed: UInt64, actual: UInt64, count: Int = 1,
    place: (UInt64) -> Mismatch.Place?
  ) {
    let key = Key(file: file, address: address, subject: subject)
    if mismatches[key] != nil {
      mismatches[key]?.count += count
    } else if mismatches.count < Self.mostMismatches {
      var mismatch = Mismatch(
        module: file, address: address, subject: subject, claimed: claimed, actual: actual, count: count)
      mismatch.claimedPlace = place(claimed)
      mismatch.actualPlace = place(actual)
      mismatches[key] = mismatch
    } else {
      lostMismatches += count
    }
  }

  func saw(file: Int, address: UInt64, times: Int, unjudged: StepReport.Unjudged?) {
    if times > 0 { modules[file].seen[address, default: 0] += times }
    if let unjudged { modules[file].unjudged[address] = unjudged }
  }

  func entered(file: Int, function: UInt64) { modules[file].activations[function, default: 0] += 1 }

  /// All that was found so far; by file and address.
  var sortedMismatches: [Mismatch] {
    mismatches.values.sorted { ($0.module, $0.address, "\($0.subject)") < ($1.module, $1.address, "\($1.subject)") }
  }
}
