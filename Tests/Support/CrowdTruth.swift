/// What the sample crowd prints with --truth, as far as dumps show it.
package struct CrowdTruth: Decodable {
  package struct Fiber: Decodable {
    package var id: Int
    package var name: String?
    package var state: String
    package var waiting: String?
    package var functions: [String]
  }

  package var process: Int32
  package var fibers: [Fiber]
}
