internal import FiberTrace

// Where ships wait at sea: the innermost functions, which suspend.
//
// Each keeps a cargo of another size, so that no optimizer makes one function of two.

@inline(never)
func waitForWind(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for wind")
  var cargo = InlineArray<41, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForDaylight(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for daylight")
  var cargo = InlineArray<42, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheFogToLift(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the fog to lift")
  var cargo = InlineArray<43, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheStormToPass(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the storm to pass")
  var cargo = InlineArray<44, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheIceToBreak(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the ice to break")
  var cargo = InlineArray<45, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheCurrent(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the current")
  var cargo = InlineArray<46, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForALandfall(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for a landfall")
  var cargo = InlineArray<47, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheNoonSight(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the noon sight")
  var cargo = InlineArray<48, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheStars(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the stars")
  var cargo = InlineArray<49, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForOrders(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for orders")
  var cargo = InlineArray<50, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheFishingFleet(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the fishing fleet")
  var cargo = InlineArray<51, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheNets(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the nets")
  var cargo = InlineArray<52, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheLookout(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the lookout")
  var cargo = InlineArray<53, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForRepairs(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for repairs")
  var cargo = InlineArray<54, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheHelmsman(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the helmsman")
  var cargo = InlineArray<55, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForARescue(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for a rescue")
  var cargo = InlineArray<56, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitHoveTo(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: nil)
  var cargo = InlineArray<57, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitBecalmed(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: nil)
  var cargo = InlineArray<58, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}
