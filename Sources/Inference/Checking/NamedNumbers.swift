internal import Base

/// One output of a network as numbers.
struct NamedNumbers {
  let name: String
  let sides: [Int]
  let element: ElementType
  let values: [Float]

  /// What one row of inputs is answered with.
  static func run(_ engine: CopyRunner.Engine, _ row: [[UInt8]]) throws(Fault) -> [NamedNumbers] {
    try run(engine, rows: [row])[0]
  }

  /// What a batch of rows is answered with, row by row.
  static func run(_ engine: CopyRunner.Engine, rows: [[[UInt8]]]) throws(Fault) -> [[NamedNumbers]] {
    let inputs = rows[0].indices.map { input in
      SharedBytes(rows.count == 1 ? rows[0][input] : rows.flatMap { $0[input] })
    }
    defer { withExtendedLifetime(inputs) {} }
    let outputs = try engine.run(inputs, rows: rows.count)
    return rows.indices.map { row in
      let answer = outputs[row]
      return answer.specs.enumerated().map { (index, spec) in
        NamedNumbers(
          name: spec.name, sides: spec.shape.map { $0 ?? 1 }, element: spec.element,
          values: answer.withFloats(index) { floats in floats.indices.map { floats[$0] } })
      }
    }
  }

  /// The place of the same output among another engine's: by its name, else by its place; `nil` where there is none.
  func partner(_ place: Int, in others: [NamedNumbers]) -> Int? {
    let named = others.indices.filter { others[$0].name == name }
    if named.count == 1 { return named[0] }
    return others.indices.contains(place) ? place : nil
  }

  func difference(from other: NamedNumbers?) -> AnswerDifference {
    AnswerDifference(values, other?.values ?? [], sides: sides)
  }
}
