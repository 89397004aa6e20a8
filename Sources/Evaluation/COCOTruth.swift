public import Base
public import JSON

extension Truth {
  /// Reads COCO's format for objects in pictures; `slice` is a field of its images.
  ///
  /// Ids may be numbers or texts, and 0 like any other. What cannot be counted is left out and told of in ``Truth/notes``.
  /// - Throws: `badInput` where the file contradicts itself: two images or categories with one id.
  public init(coco document: JSONDocument, slice: String? = nil) throws(Fault) {
    var reader = COCOReader(slice: slice)
    try reader.read(document.root)
    self.init(kind: .boxes, labels: reader.labels, pictures: reader.pictures, notes: reader.notes)
  }
}

private struct COCOReader {
  private enum Key: String, CaseIterable { case images, annotations, categories }
  private enum ImageKey: String, CaseIterable { case id, width, height, video, frame, name = "file_name" }
  private enum CategoryKey: String, CaseIterable { case id, name }
  private enum AnnotationKey: String, CaseIterable {
    case id, area, ignore, iscrowd, bbox, segmentation, image = "image_id", category = "category_id"
  }

  let slice: String?
  private(set) var labels: [String] = []
  private(set) var pictures: [Truth.Picture] = []
  private var names: [String: String] = [:]
  private var places: [String: Int] = [:]
  private var ids: Set<String> = []
  private var counts: [Oddity: Int] = [:]

  /// Annotations that are odd, and what is said of so many.
  private enum Oddity: CaseIterable {
    case noImage, noCategory, noBox, emptyBox, outside, reaching, sameID, noSlice

    func note(_ count: Int) -> String {
      let many = "\(count) \(count == 1 ? "annotation" : "annotations")"
      return switch self {
      case .noImage: "Left out: \(many) of images that the file does not list."
      case .noCategory: "Left out: \(many) of categories that the file does not list."
      case .noBox: "Left out: \(many) without a box."
      case .emptyBox: "Left out: \(many) whose box has no width or no height."
      case .outside: "Left out: \(many) whose box lies outside of its picture."
      case .reaching: "\(many) reach over the edge of the picture; they count as they stand."
      case .sameID: "\(many) have an id that another one has; all of them count."
      case .noSlice: "\(count) images lack the field that slices are made by."
      }
    }
  }

  init(slice: String?) { self.slice = slice }

  var notes: [String] { Oddity.allCases.compactMap { oddity in counts[oddity].map { oddity.note($0) } } }

  mutating func read(_ root: JSONValue) throws(Fault) {
    let fields = try root.fields(Key.self, others: .ignored)
    for value in try fields.required(.categories).elements() { try readCategory(value) }
    for value in try fields.required(.images).elements() { try readImage(value) }
    for value in try fields.required(.annotations).elements() { try readAnnotation(value) }
  }

  /// A number or a text: both are names of things.
  private static func id(_ value: JSONValue) throws(Fault) -> String {
    value.kind == .string ? try value.string() : String(try value.integer())
  }

  private mutating func readCategory(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(CategoryKey.self, others: .ignored)
    let (id, name) = (try Self.id(fields.required(.id)), try fields.required(.name).string())
    guard names.updateValue(name, forKey: id) == nil else { throw value.fault("another category has the id \(id)") }
    if !labels.contains(name) { labels.append(name) }
  }

  private mutating func readImage(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(ImageKey.self, others: .ignored)
    let id = try Self.id(fields.required(.id))
    guard places.updateValue(pictures.count, forKey: id) == nil else {
      throw value.fault("another image has the id \(id)")
    }
    let video = fields.given(.video)
    let file = if let video { video } else { try fields.required(.name) }
    var picture = Truth.Picture(file: try file.string())
    if video != nil { picture.frame = try fields.required(.frame).integer(in: 0 ... .max) }
    if let width = fields.given(.width), let height = fields.given(.height) {
      picture.size = Size(width: try width.integer(in: 1...1 << 20), height: try height.integer(in: 1...1 << 20))
    }
    if let slice {
      picture.slice = try Self.slice(slice, value)
      if picture.slice == nil { counts[.noSlice, default: 0] += 1 }
    }
    pictures.append(picture)
  }

  private static func slice(_ key: String, _ image: JSONValue) throws(Fault) -> String? {
    for (name, value) in try image.members() where name == key {
      switch value.kind {
      case .string: return try value.string()
      case .bool: return try value.bool() ? "true" : "false"
      case .number: return NumberFormat.short(try value.number(), 6)
      default: return nil
      }
    }
    return nil
  }

  private mutating func readAnnotation(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(AnnotationKey.self, others: .ignored)
    if let id = fields.given(.id), !ids.insert(try Self.id(id)).inserted { counts[.sameID, default: 0] += 1 }
    guard let place = places[try Self.id(fields.required(.image))] else { return count(.noImage) }
    guard let label = names[try Self.id(fields.required(.category))] else { return count(.noCategory) }
    guard let box = try Self.place(fields) else { return count(.noBox) }
    guard box.width > 0, box.height > 0 else { return count(.emptyBox) }
    if let size = pictures[place].size {
      let inside = box.clipped(to: size.rect)
      guard inside.area > 0 else { return count(.outside) }
      // A pixel over is how tools round.
      if inside.width < box.width - 1 || inside.height < box.height - 1 { count(.reaching) }
    }
    var object = Truth.Object(label: label, box: box, area: try fields.given(.area)?.number())
    object.isCrowd = try fields.given(.iscrowd).map(Self.flag) ?? false
    object.isIgnored = try fields.given(.ignore).map(Self.flag) ?? false
    pictures[place].objects.append(object)
  }

  private static func place(_ fields: JSONFields<AnnotationKey>) throws(Fault) -> Rect? {
    if let value = fields.given(.bbox) { return try box(value) }
    return try fields.given(.segmentation).flatMap { (value) throws(Fault) in try outline(value) }
  }

  private mutating func count(_ oddity: Oddity) { counts[oddity, default: 0] += 1 }

  private static func flag(_ value: JSONValue) throws(Fault) -> Bool {
    value.kind == .bool ? try value.bool() : try value.integer(in: 0...1) == 1
  }

  private static func box(_ value: JSONValue) throws(Fault) -> Rect {
    var sides: [Double] = []
    for side in try value.elements() { sides.append(try side.number()) }
    guard sides.count == 4, sides.allSatisfy(\.isFinite) else {
      throw value.fault("a box is four numbers: left, top, width and height in pixels")
    }
    return Rect(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
  }

  /// The box around polygons; `nil` for a mask in runs.
  private static func outline(_ value: JSONValue) throws(Fault) -> Rect? {
    guard value.kind == .array else { return nil }
    var (x, y): ([Double], [Double]) = ([], [])
    for polygon in try value.elements() {
      for (place, number) in try polygon.elements().enumerated() {
        if place % 2 == 0 { x.append(try number.number()) } else { y.append(try number.number()) }
      }
    }
    guard let left = x.min(), let right = x.max(), let top = y.min(), let bottom = y.max() else { return nil }
    return Rect(left: left, top: top, right: right, bottom: bottom)
  }
}
