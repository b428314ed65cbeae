/// At which instructions unwinders are held against each other.
package struct AgreementSchedule: Sendable {
  /// In code that switches stacks every instruction is one, so many times.
  static let mostVisits = 64

  /// Elsewhere each so many-th step of a process is one; 1 is every step.
  package var interval = 1000
  /// Instructions that always are, by the module's path and the address as its file counts: those of functions that were named, say.
  package var isChosen: (@Sendable (_ path: String, _ address: UInt64) -> Bool)?

  package init() {}
}

/// What of a schedule has been done in one process.
struct AgreementProgress {
  private enum Place {
    case chosen
    case ordinary
    case switching(visits: Int)
  }

  private let schedule: AgreementSchedule
  private var places: [UInt64: Place] = [:]
  private var steps = 0

  init(_ schedule: AgreementSchedule) { self.schedule = schedule }

  /// Other modules are mapped: addresses are others.
  mutating func forgetPlaces() { places = [:] }

  /// Whether the instruction at `pc` comes next and is one. O(1).
  ///
  /// - Parameter place: where `pc` is; asked once for each.
  mutating func isDue(
    _ pc: UInt64, isSwitching: Bool, place: (UInt64) -> (path: String, buildID: [UInt8]?, address: UInt64)
  ) -> Bool {
    steps += 1
    if schedule.isChosen != nil || isSwitching {
      switch self.place(of: pc, isSwitching: isSwitching, place) {
      case .chosen: return true
      case .switching(let visits) where visits < AgreementSchedule.mostVisits:
        places[pc] = .switching(visits: visits + 1)
        return true
      case .switching, .ordinary: break
      }
    }
    guard steps >= max(1, schedule.interval) else { return false }
    steps = 0
    return true
  }

  private mutating func place(
    of pc: UInt64, isSwitching: Bool, _ place: (UInt64) -> (path: String, buildID: [UInt8]?, address: UInt64)
  ) -> Place {
    switch places[pc] {
    case .ordinary? where isSwitching: return .switching(visits: 0)
    case let known?: return known
    case nil:
      let found = place(pc)
      let isChosen = schedule.isChosen?(found.path, found.address) ?? false
      let new: Place = isChosen ? .chosen : isSwitching ? .switching(visits: 0) : .ordinary
      places[pc] = new
      return new
    }
  }
}
