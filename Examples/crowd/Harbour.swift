internal import FiberTrace

/// All ships with their fibers, each in its place.
struct Harbour {
  /// A fiber and what its functions share.
  struct Berth {
    let fiber: Voyage
    let ship: Ship
  }

  private(set) var berths: [Berth] = []

  /// Bytes of each stack. The sample's functions use less than two pages, and the Swift runtime three more at their first call.
  private static let stackSize = 32 * 1024

  /// Names of the ships that have one, one in four.
  private static let names = [
    "Albatross", "Barnacle", "Cormorant", "Dunlin", "Eider", "Fulmar", "Gannet", "Halcyon", "Ibis", "Jacana",
    "Kittiwake", "Lapwing", "Merganser", "Noddy", "Osprey", "Petrel",
  ]

  init(ships count: Int, seed: UInt64) throws {
    let routes = Route.all(seed: seed)
    var random = Sequence64(seed: ~seed)
    // Not reserved at once: there may be no memory for so many.
    for number in 0..<count {
      let ship = Ship(number: number, route: routes[Int.random(in: routes.indices, using: &random)])
      let berth = Berth(fiber: try makeVoyage(ship), ship: ship)
      // Of each hundred, one has not left and one is home again.
      if number % 100 != 98 { _ = try berth.fiber.resume() }
      if number % 100 == 49 { _ = try berth.fiber.resume() }
      berths.append(berth)
    }
  }

  @inline(never)
  private func makeVoyage(_ ship: Ship) throws -> Voyage {
    let name = ship.number % 4 == 0 ? "\(Harbour.names[ship.number / 4 % Harbour.names.count]) \(ship.number)" : nil
    // Stacks in the tens of thousands: lightweight guards from the first on, so that all are alike.
    let stack = try FiberStack(size: Harbour.stackSize, guard: .lightweight)
    return try Voyage(name: name, stack: stack) { suspend, _ in try sail(ship, suspend) }
  }

  func count(of state: FiberState) -> Int {
    berths.count { $0.fiber.state == state }
  }

  /// Resumes each until it has finished.
  func bringHome() throws {
    for berth in berths {
      while berth.fiber.state != .finished { _ = try berth.fiber.resume() }
      guard berth.ship.isEmpty else { throw LostCargo(ship: berth.ship.number) }
    }
  }
}

/// A ship that came home with another cargo than it had loaded.
struct LostCargo: Error, CustomStringConvertible {
  var ship: Int

  var description: String { "ship \(ship) has not found its stack as it left it" }
}
