/// Which row each label has, for at most ``Timeline/labelLimit`` labels; those beyond share the row of ``Timeline/pool``.
struct LabelPlaces: Sendable, Hashable {
  private var places: [String: Int] = [:]

  subscript(label: String) -> Int? { places[label] }

  /// The row of a label, and the label that the row is called by; a new one stands behind all others.
  mutating func row(of label: String) -> (index: Int, label: String) {
    if let known = places[label] { return (known, label) }
    guard places.count < Timeline.labelLimit || label == Timeline.pool else { return row(of: Timeline.pool) }
    let index = places.count
    places[label] = index
    return (index, label)
  }
}
