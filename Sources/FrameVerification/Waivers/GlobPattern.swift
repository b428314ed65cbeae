/// A pattern of names: `*` is any number of characters, `?` is one; all others are themselves. Matches names as a whole.
package struct GlobPattern: Sendable, Hashable {
  /// As it was written.
  package let text: String
  private let scalars: [Unicode.Scalar]

  package init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars)
  }

  /// O(pattern × name), whatever the pattern: only the last `*` is gone back to.
  package func matches(_ name: String) -> Bool {
    let name = Array(name.unicodeScalars)
    var place = 0
    var position = 0
    // Where the last `*` stands, and what of the name it does not take yet.
    var star: (place: Int, position: Int)?
    while position < name.count {
      if place < scalars.count, scalars[place] == "*" {
        star = (place, position)
        place += 1
      } else if place < scalars.count, scalars[place] == "?" || scalars[place] == name[position] {
        place += 1
        position += 1
      } else if let last = star {
        star = (last.place, last.position + 1)
        place = last.place + 1
        position = last.position + 1
      } else {
        return false
      }
    }
    return scalars[place...].allSatisfy { $0 == "*" }
  }
}
