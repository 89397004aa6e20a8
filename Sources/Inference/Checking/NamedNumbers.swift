internal import Base

/// One output of a network as numbers.
struct NamedNumbers {
  let name: String
  let sides: [Int]
  let element: ElementType
  let values: [Float]

  /// What one row of inputs is answered with.
  static func run(_ engine: CopyRunner.Engine, _ row: [[UInt8]]) throws(Fault) -> [NamedNumbers] {
    let inputs = row.map { SharedBytes($0) }
    defer { withExtendedLifetime(inputs) {} }
    let answer = try engine.run(inputs, rows: 1)[0]
    return answer.specs.enumerated().map { (index, spec) in
      NamedNumbers(
        name: spec.name, sides: spec.shape.map { $0 ?? 1 }, element: spec.element,
        values: answer.withFloats(index) { floats in floats.indices.map { floats[$0] } })
    }
  }

  /// The same output among another engine's: by its name, else by its place; `nil` where there is none.
  func partner(_ place: Int, in others: [NamedNumbers]) -> NamedNumbers? {
    let named = others.filter { $0.name == name }
    if named.count == 1 { return named[0] }
    return others.indices.contains(place) ? others[place] : nil
  }

  func difference(from other: NamedNumbers?) -> AnswerDifference {
    AnswerDifference(values, other?.values ?? [], sides: sides)
  }
}
