internal import FiberTrace

// What lies between the quay and a mooring. Each function goes on to the next of the ship's route.
//
// Each keeps a cargo of another size, so that no optimizer makes one function of two.

/// The outermost.
@inline(never)
func sail(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<1, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func castOff(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<2, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func hoistTheSails(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<3, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func leaveTheQuay(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<4, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func passTheLighthouse(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<5, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func roundTheCape(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<6, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func crossTheShallows(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<7, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func enterTheStrait(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<8, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func followTheCoast(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<9, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func keepOffTheReef(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<10, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func tackUpwind(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<11, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func reefTheSails(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<12, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}

@inline(never)
func lowerTheSails(_ ship: Ship, _ suspend: Voyage.Suspend) throws {
  let next = ship.enter()
  var cargo = InlineArray<13, UInt32>(repeating: 0)
  ship.load(&cargo)
  try next.function(ship, suspend)
  ship.leave(&cargo)
}
