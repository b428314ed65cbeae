/// How stacks are called in a dump.
struct Labels {
  /// What follows an id, by registry: nothing where one registry alone has fibers.
  private let suffixes: [String]

  init(_ registries: [RegistryDump]) {
    guard registries.count > 1 else {
      suffixes = [""]
      return
    }
    let names = registries.map(\.runtime)
    suffixes = registries.map { registry in
      let isUnique = names.count { $0 == registry.runtime } == 1
      return "@" + (isUnique ? registry.runtime : baseName(registry.modulePath)).escapedForTerminal
    }
  }

  /// "#3"; with several registries "#3@runtime".
  func number(_ fiber: FiberReference) -> String {
    "#\(fiber.id)" + (suffixes.indices.contains(fiber.registry) ? suffixes[fiber.registry] : "")
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
