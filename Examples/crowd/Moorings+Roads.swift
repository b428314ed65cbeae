internal import FiberTrace

// Where ships wait in the roads and the channels: the innermost functions, which suspend.
//
// Each keeps a cargo of another size, so that no optimizer makes one function of two.

@inline(never)
func waitForTheTug(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the tug")
  var cargo = InlineArray<22, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheLock(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the lock")
  var cargo = InlineArray<23, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheBridge(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the bridge")
  var cargo = InlineArray<24, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheChannel(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the channel")
  var cargo = InlineArray<25, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheSignal(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the signal")
  var cargo = InlineArray<26, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheDredger(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the dredger")
  var cargo = InlineArray<27, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheFerry(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the ferry")
  var cargo = InlineArray<28, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheConvoy(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the convoy")
  var cargo = InlineArray<29, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheEbb(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the ebb")
  var cargo = InlineArray<30, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheFlood(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the flood")
  var cargo = InlineArray<31, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForHighWater(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for high water")
  var cargo = InlineArray<32, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForSlackWater(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for slack water")
  var cargo = InlineArray<33, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheLaunch(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the launch")
  var cargo = InlineArray<34, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitAtAnchor(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: nil)
  var cargo = InlineArray<35, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitAtTheBuoy(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: nil)
  var cargo = InlineArray<36, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitInQuarantine(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "in quarantine")
  var cargo = InlineArray<37, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheFlagship(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the flagship")
  var cargo = InlineArray<38, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheRegatta(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the regatta")
  var cargo = InlineArray<39, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheLighter(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the lighter")
  var cargo = InlineArray<40, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}
