// Errors thrown through many frames, generics, closures, existentials, lazy values and arrays of them.
struct Failure: Error, Equatable {
  var depth: Int
}

protocol Shape {
  func area(_ scale: Double) throws -> Double
}

struct Square: Shape {
  var side: Double
  func area(_ scale: Double) throws -> Double {
    if scale < 0 { throw Failure(depth: Int(side)) }
    return side * side * scale
  }
}

final class Circle: Shape {
  let radius: Double
  init(radius: Double) { self.radius = radius }
  func area(_ scale: Double) throws -> Double {
    if scale > 100 { throw Failure(depth: Int(radius)) }
    return radius * radius * 3 * scale
  }
}

@inline(never) func fall(_ depth: Int) throws -> Int {
  defer { counter += 1 }
  if depth == 0 { throw Failure(depth: 50) }
  return try fall(depth - 1) + 1
}

@inline(never) func generic<T: Comparable, R>(_ values: [T], _ body: (T) throws -> R) rethrows -> [R] {
  try values.sorted().map { try body($0) }
}

nonisolated(unsafe) var counter = 0

var caught = 0
do { _ = try fall(50) } catch let failure as Failure { caught += failure.depth } catch { caught = -1 }
let shapes: [any Shape] = [Square(side: 2), Circle(radius: 3), Square(side: 5)]
var total = 0.0
for scale in [1.0, -1, 200] {
  for shape in shapes {
    do { total += try shape.area(scale) } catch let failure as Failure { caught += failure.depth } catch { caught = -1 }
  }
}
let words = generic(["delta", "alpha", "charlie"]) { "\($0.count)" }
let failed = try? generic([3, 1, 2]) { (value: Int) throws -> Int in
  if value == 3 { throw Failure(depth: value) }
  return value
}
var table: [String: [Int]] = [:]
for value in 0..<20 { table["\(value % 3)", default: []].append(value) }
let lines = table.keys.sorted().map { "\($0)=\(table[$0]?.reduce(0, +) ?? 0)" }
print("caught \(caught), counter \(counter), total \(Int(total)), words \(words), failed \(failed == nil), \(lines)")
