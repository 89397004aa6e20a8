internal import Base

/// COCO's categories: a number for each label, from 1, those of the network first and in its order.
struct COCOCategories: Sendable {
  private struct Category {
    var name: String
    /// Names of the points of its poses; empty where it has had none.
    var points: [String] = []
  }

  private var categories: [Category] = []
  /// Places of the categories of one name: several only where poses of one label have other points.
  private var places: [String: [Int]] = [:]

  init(_ labels: [String]) { for label in labels { _ = append(Category(name: label)) } }

  /// The number of a label, and of its points where it has some.
  mutating func number(of name: String, points: [String] = []) -> Int {
    let known = places[name] ?? []
    if points.isEmpty, let first = known.first { return first + 1 }
    if let same = known.first(where: { categories[$0].points == points }) { return same + 1 }
    if let bare = known.first(where: { categories[$0].points.isEmpty }) {
      categories[bare].points = points
      return bare + 1
    }
    return append(Category(name: name, points: points)) + 1
  }

  func write(_ json: inout JSONWriter) {
    json.array("categories") { json in
      for (place, category) in categories.enumerated() {
        json.object { json in
          json.field("id", place + 1)
          json.field("name", category.name)
          json.field("supercategory", "")
          guard !category.points.isEmpty else { return }
          json.field("keypoints", category.points)
          json.array("skeleton") { _ in }
        }
      }
    }
  }

  private mutating func append(_ category: Category) -> Int {
    categories.append(category)
    places[category.name, default: []].append(categories.count - 1)
    return categories.count - 1
  }
}
