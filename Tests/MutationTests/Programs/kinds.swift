// Frames as Swift's compiler makes them: errors in r12, self in r13, closures, generics, classes, enums and existentials.

enum Failure: Error {
  case small(Int)
  case named(String)
}

@inline(never) func thrown(_ n: Int) throws -> Int {
  if n % 3 == 0 { throw Failure.small(n) }
  if n % 5 == 0 { throw Failure.named("five of \(n)") }
  return n * 2
}

@inline(never) func passed(_ n: Int, _ depth: Int) throws -> Int {
  if depth == 0 { return try thrown(n) }
  let before = n &* 31
  let result = try passed(n, depth - 1)
  return result &+ before &+ depth
}

@inline(never) func caught(_ n: Int) -> Int {
  do {
    return try passed(n, 3) + thrown(n + 1)
  } catch Failure.small(let number) {
    return number + 1000
  } catch Failure.named(let name) {
    return name.count
  } catch {
    return -1
  }
}

@inline(never) func deferred(_ n: Int, _ log: inout [Int]) throws -> Int {
  defer { log.append(n) }
  let x = try thrown(n)
  defer { log.append(x) }
  return x + (try? thrown(n + 2)).map { $0 + 1 }.map { $0 * 2 }.self.value
}

extension Optional where Wrapped == Int {
  var value: Int {
    @inline(never) get { self ?? -7 }
  }
}

protocol Shape {
  var area: Int { get }
  func scaled(by factor: Int) -> any Shape
}

struct Square: Shape {
  var side: Int
  var area: Int { @inline(never) get { side * side } }
  @inline(never) func scaled(by factor: Int) -> any Shape { Square(side: side * factor) }
}

struct Box: Shape {
  var a: Int, b: Int, c: Int, d: Int, e: Int
  var area: Int { @inline(never) get { a * b + c * d + e } }
  @inline(never) func scaled(by factor: Int) -> any Shape {
    Box(a: a * factor, b: b * factor, c: c * factor, d: d * factor, e: e)
  }
}

class Node {
  var value: Int
  var next: Node?
  init(_ value: Int, _ next: Node?) {
    self.value = value
    self.next = next
  }
  @inline(never) func sum() -> Int { value + (next?.sum() ?? 0) }
  @inline(never) func visit(_ body: (Int) throws -> Void) rethrows {
    try body(value)
    try next?.visit(body)
  }
}

final class Counting: Node {
  var count = 0
  override func sum() -> Int {
    count += 1
    return super.sum() * 2 + count
  }
}

indirect enum Tree {
  case leaf(Int)
  case node(Tree, Tree, Int)

  @inline(never) func folded(_ combine: (Int, Int, Int) -> Int) -> Int {
    switch self {
    case .leaf(let value): value
    case .node(let left, let right, let value): combine(left.folded(combine), right.folded(combine), value)
    }
  }
}

@inline(never) func built(_ depth: Int) -> Tree {
  depth == 0 ? .leaf(depth + 3) : .node(built(depth - 1), built(depth - 1), depth)
}

@inline(never) func largest<Element: Comparable>(_ elements: [Element], _ isBelow: (Element, Element) -> Bool)
  -> Element?
{
  var result: Element?
  for element in elements {
    if let current = result, !isBelow(current, element) { continue }
    result = element
  }
  return result
}

@inline(never) func total(_ shapes: [any Shape]) -> Int {
  var sum = 0
  for shape in shapes { sum = sum &* 7 &+ shape.scaled(by: 2).area }
  return sum
}

@inline(never) func many(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int, _ f: Int, _ g: Int, _ h: Int) -> Int {
  let x = caught(a) &+ b, y = caught(c) &+ d, z = caught(e) &+ f
  return x &* y &+ z &* g &+ h &+ caught(h) &+ a &+ b &+ c &+ d
}

@inline(never) func selected(_ kind: Int, _ n: Int) -> Int {
  switch kind {
  case 0: caught(n)
  case 1: many(n, 2, 3, 4, 5, 6, 7, 8)
  case 2: built(2).folded { $0 + $1 * $2 }
  case 3: Square(side: n).area
  case 4: [n, 2, 3].reduce(0) { $0 &* 3 &+ $1 }
  default: n
  }
}

@inline(never) func made(_ step: Int) -> (Int) -> Int {
  var state = step
  return { value in
    state += value
    return state * step
  }
}

@inline(never) func wide(_ n: Int) -> (Int, Int, Int, Int, Int, Int) { (n, n + 1, n * 2, n &* n, caught(n), -n) }

@inline(never) func factorial(_ n: Int) -> Int { n < 2 ? 1 : n &* factorial(n - 1) }

@inline(never) func words(_ text: String) -> [String: Int] {
  var counts: [String: Int] = [:]
  for word in text.split(separator: " ") { counts[String(word), default: 0] += word.count }
  return counts
}

@main struct Program {
  static func main() {
    var sum = 0
    for n in 1..<12 { sum = sum &* 5 &+ caught(n) }
    var log: [Int] = []
    for n in 1..<8 { sum = sum &+ ((try? deferred(n, &log)) ?? 9) }
    sum = sum &+ log.reduce(0, &+) &+ total([Square(side: 3), Box(a: 1, b: 2, c: 3, d: 4, e: 5), Square(side: 2)])
    let list = Node(1, Counting(2, Node(3, nil)))
    sum = sum &+ list.sum()
    list.visit { sum = sum &+ $0 }
    sum = sum &+ built(3).folded { $0 &* 3 &+ $1 &+ $2 } &+ (largest([3, 9, 4]) { $0 < $1 } ?? 0)
    sum = sum &+ (largest(["b", "abc", "c"]) { $0.count < $1.count } ?? "").count
    for kind in 0..<6 { sum = sum &+ selected(kind, 4) }
    let step = made(3)
    sum = sum &+ step(1) &+ step(2) &+ wide(6).3 &+ factorial(6)
    for (word, count) in words("one two three two one") { sum = sum &+ word.count &* count }
    print(sum, log.count)
  }
}
