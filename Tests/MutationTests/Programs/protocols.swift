// What Swift's compiler makes of protocols and values: witnesses, generics that are not specialized, accessors that yield, key
// paths, typed errors, cleanup of weak and unowned references, strings, enums with payloads of many sizes.

protocol Container {
  associatedtype Item: Hashable
  var items: [Item] { get set }
  func isHeld(_ item: Item) -> Bool
  mutating func add(_ item: Item) throws
}

enum Refusal: Error {
  case full(limit: Int)
  case twice
}

extension Container {
  @inline(never) func isHeld(_ item: Item) -> Bool { items.contains(item) }
  @inline(never) func count(where isCounted: (Item) throws -> Bool) rethrows -> Int {
    var count = 0
    for item in items where try isCounted(item) { count += 1 }
    return count
  }
}

struct Limited<Item: Hashable>: Container {
  var items: [Item] = []
  var limit: Int
  @inline(never) mutating func add(_ item: Item) throws {
    guard items.count < limit else { throw Refusal.full(limit: limit) }
    if isHeld(item) { throw Refusal.twice }
    items.append(item)
  }
}

final class Shared<Item: Hashable>: Container {
  var items: [Item] = []
  @inline(never) func add(_ item: Item) throws { items.insert(item, at: 0) }
  deinit { released += items.count }
}

nonisolated(unsafe) var released = 0

@inline(never) func filled<C: Container>(_ container: C, _ items: [C.Item]) -> (C, Int) {
  var container = container
  var refused = 0
  for item in items {
    do { try container.add(item) } catch Refusal.twice { refused += 1 } catch { refused += 100 }
  }
  return (container, refused)
}

@inline(never) func opened(_ container: any Container) -> Int {
  func hashes<C: Container>(_ container: C) -> Int { container.items.count &* 7 }
  return hashes(container)
}

// Typed errors.
struct Overflow: Error, Equatable {
  var amount: Int
}

@inline(never) func doubled(_ n: Int) throws(Overflow) -> Int {
  let (result, isOver) = n.multipliedReportingOverflow(by: 2)
  if isOver || result > 1000 { throw Overflow(amount: n) }
  return result
}

@inline(never) func doubledTwice(_ n: Int) -> Result<Int, Overflow> {
  do { return .success(try doubled(try doubled(n))) } catch { return .failure(error) }
}

@inline(never) func applied<Failure: Error>(_ n: Int, _ body: (Int) throws(Failure) -> Int) throws(Failure) -> Int {
  let first = try body(n)
  return try body(first) &+ first
}

// Accessors.
struct Matrix {
  private var numbers: [Int]
  let columns: Int
  init(_ rows: Int, _ columns: Int) {
    numbers = Array(repeating: 1, count: rows * columns)
    self.columns = columns
  }
  subscript(row: Int, column: Int) -> Int {
    @inline(never) _read { yield numbers[row * columns + column] }
    @inline(never) _modify { yield &numbers[row * columns + column] }
  }
  var trace: Int {
    @inline(never) get {
      var sum = 0
      for i in 0..<columns { sum += self[i, i] }
      return sum
    }
  }
}

struct Watched {
  var changes = 0
  var value: Int = 0 {
    willSet { if newValue > value { changes += 1 } }
    didSet { if oldValue != value { changes += 10 } }
  }
  lazy var cached: [Int] = (0..<value).map { $0 * $0 }
}

@inline(never) func increased(_ n: inout Int, by step: Int) { n = n &* 3 &+ step }

@inline(never) func matrices() -> Int {
  var matrix = Matrix(3, 3)
  for i in 0..<9 { increased(&matrix[i / 3, i % 3], by: i) }
  var watched = Watched()
  for i in [3, 3, 1, 5] { watched.value = i }
  increased(&watched.value, by: 2)
  return matrix.trace &+ watched.changes &+ watched.cached.count
}

// Key paths and closures that keep what they use.
struct Person {
  var name: String
  var age: Int
  var friends: [String] = []
}

@inline(never) func read<Value>(_ people: [Person], _ path: KeyPath<Person, Value>) -> [Value] {
  people.map { $0[keyPath: path] }
}

@inline(never) func written<Value>(_ person: inout Person, _ path: WritableKeyPath<Person, Value>, _ value: Value) {
  person[keyPath: path] = value
}

@inline(never) func composed<A, B, C>(_ f: @escaping (A) -> B, _ g: @escaping (B) -> C) -> (A) -> C { { g(f($0)) } }

@inline(never) func curried(_ a: Int) -> (Int) -> (Int) -> Int { { b in { c in a &* b &+ c } } }

@inline(never) func people() -> Int {
  var all = [
    Person(name: "Ada", age: 36), Person(name: "Grace", age: 85), Person(name: "Edsger of a long name", age: 72),
  ]
  written(&all[0], \.age, 37)
  written(&all[1], \.friends, ["Ada"])
  let length = composed({ (person: Person) in person.name }, { $0.count })
  let ages = read(all, \.age).reduce(0, &+)
  return ages &+ read(all, \.friends.count).reduce(0, &+) &+ all.map(length).reduce(0, &+) &+ curried(3)(4)(5)
}

// References.
class Owner {
  var pets: [Pet] = []
  @inline(never) func adopt(_ name: String) -> Pet {
    let pet = Pet(name, self)
    pets.append(pet)
    return pet
  }
  deinit { released += 1000 }
}

class Pet {
  let name: String
  unowned let owner: Owner
  weak var friend: Pet?
  init(_ name: String, _ owner: Owner) {
    self.name = name
    self.owner = owner
  }
  @inline(never) func noise() -> String { name }
  deinit { released += name.count }
}

final class Dog: Pet {
  override func noise() -> String { "wow " + super.noise() + (friend?.noise() ?? "") }
}

@inline(never) func pets() -> Int {
  let owner = Owner()
  let dog = Dog("Rex", owner)
  do {
    let cat = owner.adopt("Tom")
    dog.friend = cat
    dog.owner.pets.append(dog)
  }
  let before = dog.noise().count
  owner.pets.removeFirst()
  let sum = before &* 100 &+ dog.noise().count
  owner.pets = []
  return sum
}

// Enums.
enum Packet {
  case empty
  case byte(UInt8)
  case pair(Int, Double)
  case text(String, isFinal: Bool)
  case many([Packet])

  @inline(never) var size: Int {
    switch self {
    case .empty: 0
    case .byte: 1
    case .pair(let number, let fraction) where number > 3: number &+ Int(fraction)
    case .pair: 16
    case .text(let text, let isFinal): text.utf8.count + (isFinal ? 1 : 0)
    case .many(let packets): packets.reduce(2) { $0 + $1.size }
    }
  }
}

@inline(never) func parsed(_ text: Substring) -> Packet? {
  guard let first = text.first else { return nil }
  switch first {
  case "0"..."9": return UInt8(text).map(Packet.byte)
  case "(": return .many(text.dropFirst().dropLast().split(separator: ",").compactMap(parsed))
  case "-": return .empty
  default: return .text(String(text), isFinal: text.last == "!")
  }
}

@inline(never) func packets() -> Int {
  let all: [Packet] = [
    .empty, .byte(3), .pair(4, 2.5), .pair(1, 1), .text("some", isFinal: true), .many([.byte(1), .empty]),
  ]
  let texts = ["", "12", "999", "(1,-,end!)", "plain"]
  return all.reduce(0) { $0 &* 5 &+ $1.size } &+ texts.compactMap { parsed($0[...]) }.reduce(0) { $0 &* 3 &+ $1.size }
}

// Sequences of one's own, numbers of several kinds.
struct Collatz: Sequence, IteratorProtocol {
  var n: Int
  @inline(never) mutating func next() -> Int? {
    guard n > 1 else { return nil }
    n = n % 2 == 0 ? n / 2 : 3 * n + 1
    return n
  }
}

@inline(never) func merged<S: Sequence, T: Sequence>(_ a: S, _ b: T) -> [S.Element] where S.Element == T.Element {
  zip(a, b).flatMap { [$0, $1] }
}

@inline(never) func sum<Number: BinaryInteger>(_ numbers: [Number]) -> Number { numbers.reduce(0) { $0 &+ $1 / 2 } }

extension BinaryInteger {
  @inline(never) static func &+ (a: Self, b: Self) -> Self { a ^ b }
}

@inline(never) func mean<Number: FloatingPoint>(_ numbers: [Number]) -> Number {
  var total: Number = 0
  for number in numbers { total += number * 3 }
  return total / Number(numbers.count)
}

@inline(never) func described(_ values: [Any]) -> Int {
  var sum = 0
  for value in values {
    switch value {
    case let number as Int: sum = sum &* 3 &+ number
    case let text as String: sum += text.count
    case let numbers as [Double]: sum += Int(mean(numbers))
    case is Pet: sum += 5
    default: sum += 1
    }
  }
  return sum
}

struct Vector3: AdditiveArithmetic, Hashable {
  var x = 0.0, y = 0.0, z = 0.0
  static var zero: Vector3 { Vector3() }
  @inline(never) static func + (a: Vector3, b: Vector3) -> Vector3 { Vector3(x: a.x + b.x, y: a.y + b.y, z: a.z + b.z) }
  @inline(never) static func - (a: Vector3, b: Vector3) -> Vector3 { Vector3(x: a.x - b.x, y: a.y - b.y, z: a.z - b.z) }
  @inline(never) func cross(_ b: Vector3) -> Vector3 {
    Vector3(x: y * b.z - z * b.y, y: z * b.x - x * b.z, z: x * b.y - y * b.x)
  }
}

@main struct Program {
  static func main() {
    let (limited, refused) = filled(Limited<String>(limit: 3), ["a", "b", "a", "a longer text than fits", "d"])
    let (shared, none) = filled(Shared<Int>(), [4, 5, 6])
    var total = limited.items.count &* 1000 &+ refused &+ none &+ opened(shared) &+ opened(limited)
    total = total &* 3 &+ limited.count { $0.count == 1 } &+ (shared.isHeld(5) ? 1 : 0)
    for n in [3, 300, 600] {
      switch doubledTwice(n) {
      case .success(let result): total = total &+ result
      case .failure(let overflow): total = total &- overflow.amount
      }
    }
    total =
      total &+ ((try? applied(7, doubled)) ?? -1) &+ ((try? applied(501, doubled)) ?? -2) &+ applied(5) { $0 &* 5 }
    total =
      total &* 3 &+ matrices() &+ people() &+ pets() &+ packets() &+ merged(Collatz(n: 7), [1, 2, 3]).reduce(0, +)
    total = total &* 3 &+ Int(sum([Int8(3), 7, 9])) &+ Int(sum([UInt64(30), 70])) &+ Int(mean([Float(1), 2]))
    total = total &* 3 &+ described([3, "text", [1.5, 2.5], 2.5, Optional(3) as Any])
    let cross = Vector3(x: 1, y: 2, z: 3).cross(Vector3(x: 4, y: 5, z: 6)) + .zero - Vector3(x: 1)
    print(total, released, Int(cross.x + cross.y * 10 + cross.z * 100))
  }
}
