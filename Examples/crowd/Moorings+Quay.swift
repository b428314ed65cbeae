internal import FiberTrace

// Where ships wait alongside: the innermost functions, which suspend.
//
// Each keeps a cargo of another size, so that no optimizer makes one function of two.

@inline(never)
func waitForTheTide(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the tide")
  var cargo = InlineArray<3, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForThePilot(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the pilot")
  var cargo = InlineArray<4, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForABerth(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for a berth")
  var cargo = InlineArray<5, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheHarbourMaster(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the harbour master")
  var cargo = InlineArray<6, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForCustoms(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for customs")
  var cargo = InlineArray<7, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheCrane(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the crane")
  var cargo = InlineArray<8, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForStevedores(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for stevedores")
  var cargo = InlineArray<9, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheGangway(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the gangway")
  var cargo = InlineArray<10, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForFreshWater(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for fresh water")
  var cargo = InlineArray<11, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForBunkerFuel(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for bunker fuel")
  var cargo = InlineArray<12, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForProvisions(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for provisions")
  var cargo = InlineArray<13, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheShipChandler(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the ship chandler")
  var cargo = InlineArray<14, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheDoctor(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the doctor")
  var cargo = InlineArray<15, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheMail(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the mail")
  var cargo = InlineArray<16, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheMoorings(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the moorings")
  var cargo = InlineArray<17, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheNightWatch(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: nil)
  var cargo = InlineArray<18, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheDryDock(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the dry dock")
  var cargo = InlineArray<19, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheSurveyor(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the surveyor")
  var cargo = InlineArray<20, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}

@inline(never)
func waitForTheRiggers(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  ship.enter(waiting: "for the riggers")
  var cargo = InlineArray<21, UInt32>(repeating: 0)
  ship.load(&cargo)
  try suspend(waiting: ship.reason)
  ship.leave(&cargo)
}
