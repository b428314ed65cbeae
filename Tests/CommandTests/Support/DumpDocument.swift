import Foundation
import Testing

/// A dump's JSON, parsed by another reader than what wrote it.
struct DumpDocument {
  let members: [String: Any]

  init(_ text: String) throws {
    members = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// The objects of a top-level array.
  func objects(_ key: String) -> [Object] { (members[key] as? [[String: Any]] ?? []).map(Object.init) }

  /// The strings of a top-level array.
  func strings(_ key: String) -> [String] { members[key] as? [String] ?? [] }

  /// The fiber with a name.
  func fiber(_ name: String) -> Object? { objects("fibers").first { $0["name"] == name } }

  /// An object of the document.
  struct Object {
    let members: [String: Any]

    subscript<Value>(key: String) -> Value? { members[key] as? Value }

    var frames: [Object] { (members["frames"] as? [[String: Any]] ?? []).map(Object.init) }
    /// Names of functions, inlined ones included, innermost first; pcs where none is known.
    var functions: [String] { frames.compactMap { $0["function"] ?? $0["pc"] } }
  }

  /// Every key in the document, at any depth, but those that are words of the process: counts by state.
  var keys: Set<String> {
    func keys(_ value: Any) -> Set<String> {
      if let array = value as? [Any] { return array.reduce(into: []) { $0.formUnion(keys($1)) } }
      guard let object = value as? [String: Any] else { return [] }
      return object.reduce(into: Set(object.keys)) { $0.formUnion(keys($1.value)) }
    }
    return keys(members).subtracting(["running", "resuming", "switching", "suspended", "not started", "finished"])
  }
}
