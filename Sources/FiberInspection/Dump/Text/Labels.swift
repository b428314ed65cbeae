/// How stacks are called in a dump.
struct Labels {
  /// What follows an id, by registry: nothing where one registry alone has fibers.
  private let suffixes: [String]

  init(_ registries: [RegistryDump]) { self.init(registries.map { ($0.runtime, $0.modulePath) }) }

  init(_ registries: [(runtime: String, modulePath: String)]) {
    guard registries.count > 1 else {
      suffixes = [""]
      return
    }
    var counts: [String: Int] = [:]
    for registry in registries { counts[registry.runtime, default: 0] += 1 }
    suffixes = registries.map { registry in
      "@" + (counts[registry.runtime] == 1 ? registry.runtime : baseName(registry.modulePath)).escapedForTerminal
    }
  }

  /// What follows the ids of a registry's fibers.
  func suffix(_ registry: Int) -> String { suffixes.indices.contains(registry) ? suffixes[registry] : "" }

  /// "#3"; with several registries "#3@runtime".
  func number(_ fiber: FiberReference) -> String {
    "#\(fiber.id)" + suffix(fiber.registry)
  }

  /// `fiber #3 "name"`.
  func label(_ fiber: FiberReference) -> String {
    "fiber \(number(fiber))" + (fiber.name.map { " \"\($0.escapedForTerminal)\"" } ?? "")
  }

  /// How the owner of a stack is called.
  func label(_ owner: StackOwner) -> String {
    switch owner {
    case .thread(let id): "thread \(id)"
    case .fiber(let fiber): label(fiber)
    case .unregistered(let base): "an unregistered fiber with base \(hexadecimal(base))"
    case .unknown: "an unknown stack"
    }
  }

  /// As `label`, for the middle of a line: a fiber by its number alone.
  func short(_ owner: StackOwner) -> String {
    if case .fiber(let fiber) = owner { return number(fiber) }
    return label(owner)
  }
}
