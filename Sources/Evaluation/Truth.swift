public import Base

/// What people say is on pictures: what a model's answers are held against.
///
/// Labels and files that differ in how accents are written alone are the same.
public struct Truth: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// One label a picture.
    case classes
    /// Objects with boxes.
    case boxes
  }

  public struct Object: Sendable, Hashable {
    public var label: String
    /// In pixels of the picture, as the truth counts them.
    public var box: Rect
    /// In square pixels: by this an object is small, medium or large.
    public var area: Double
    /// Many things in one box: answers inside it are neither right nor wrong.
    public var isCrowd = false
    /// It need not be found, and finding it is no mistake.
    public var isIgnored = false

    public init(label: String, box: Rect, area: Double? = nil) {
      (self.label, self.box, self.area) = (label, box, area ?? box.area)
    }
  }

  public struct Picture: Sendable, Hashable {
    /// The file's path, from the folder of the pictures.
    public var file: String
    /// The frame of a film; `nil` for a picture.
    public var frame: Int?
    /// Of the picture as the truth was made on it; `nil` where the truth does not say.
    public var size: Size?
    /// What the whole picture shows, where the truth is of classes.
    public var label: String?
    public var objects: [Object] = []
    /// The part of the truth that it belongs to, by the field that was asked for.
    public var slice: String?

    public init(file: String) { self.file = file }
  }

  public let kind: Kind
  /// Every label that the truth knows, each once, in its order; also those that no picture has.
  public var labels: [String]
  public var pictures: [Picture]
  /// What was left out or is odd, for people: one sentence each.
  public var notes: [String]

  public init(kind: Kind, labels: [String], pictures: [Picture], notes: [String] = []) {
    (self.kind, self.labels, self.pictures, self.notes) = (kind, labels, pictures, notes)
  }

  /// Of paths whose first folder is the label: `cat/a.jpg`, `cat/night/b.jpg`; the second folder is the slice.
  ///
  /// `folders` are all that there are, also empty ones.
  public init(folders: [String], files: [String]) {
    var pictures: [Picture] = []
    for file in files {
      let parts = file.split(separator: "/")
      guard parts.count > 1 else { continue }
      var picture = Picture(file: file)
      picture.label = String(parts[0])
      if parts.count > 2 { picture.slice = String(parts[1]) }
      pictures.append(picture)
    }
    let loose = files.count { !$0.contains("/") }
    let notes = loose == 0 ? [] : ["\(loose) pictures lie beside the folders of the classes and were left out."]
    self.init(kind: .classes, labels: folders, pictures: pictures, notes: notes)
  }

  /// The same with other names: what a model calls otherwise than the truth does.
  ///
  /// - Throws: `badInput` where a name that is to be changed is not in the truth.
  public func renamed(_ names: [(from: String, to: String)]) throws(Fault) -> Truth {
    guard !names.isEmpty else { return self }
    for (from, _) in names where !labels.contains(from) {
      throw Fault(
        .badInput,
        "--map speaks of '\(from)', which the truth has not\(Suggestion.hint(for: from, among: labels)): its labels are \(Self.list(labels))"
      )
    }
    let new = { (label: String) in names.first { $0.from == label }?.to ?? label }
    var seen: Set<String> = []
    var truth = Truth(
      kind: kind, labels: labels.map(new).filter { seen.insert($0).inserted }, pictures: pictures,
      notes: notes)
    for place in truth.pictures.indices {
      truth.pictures[place].label = truth.pictures[place].label.map(new)
      for object in truth.pictures[place].objects.indices {
        truth.pictures[place].objects[object].label = new(truth.pictures[place].objects[object].label)
      }
    }
    return truth
  }

  /// The first few, for a sentence.
  static func list(_ names: [String]) -> String {
    names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " and \(names.count - 12) more" : "")
  }
}
