import Base

/// Which pictures show which product, by folders and names.
///
/// A folder that holds pictures is a product of its name; pictures that lie in the folder itself, and those that are named one by one, are a
/// product each, of the file's name. A folder `examples` in a product's holds photographs from life.
struct ShelfFolder {
  struct Picture {
    let product: String
    let path: String
    let name: String
    /// Taken in a shop or a room: what else it shows belongs to others.
    let isFromLife: Bool
  }

  static let examples = "examples"

  private(set) var pictures: [Picture] = []

  /// `id` makes all of them one product's.
  init(_ paths: [String], id: String?, areFromLife: Bool) throws(Fault) {
    for path in paths {
      let place = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
      switch FileName.kind(of: place) {
      case .folder: try add(folder: place, of: id, isTop: true, areFromLife)
      case .file: add(file: place, of: id, areFromLife)
      default: throw Fault(.notFound, "there is no picture or folder \(FileName.shown(place))")
      }
    }
    guard !pictures.isEmpty else {
      throw Fault(
        .badInput,
        "there is no picture in \(paths.map(FileName.shown).joined(separator: ", ")): a folder of folders is wanted, one a product with its pictures, or pictures, one a product"
      )
    }
  }

  private mutating func add(file path: String, of id: String?, _ isFromLife: Bool) {
    let name = FileSystem.name(of: FileName.shown(path))
    let stem = name.split(separator: ".").dropLast().joined(separator: ".")
    pictures.append(
      Picture(product: id ?? Self.id(stem.isEmpty ? name : stem), path: path, name: name, isFromLife: isFromLife))
  }

  private mutating func add(folder: String, of id: String?, isTop: Bool, _ areFromLife: Bool) throws(Fault) {
    let product = id ?? (isTop ? nil : Self.id(FileSystem.name(of: FileName.shown(folder))))
    for entry in try FolderEntries.list(folder) where entry.text.first != "." {
      let path = "\(folder)/\(entry.text)"
      if entry.isFolder {
        let isExamples = entry.text == Self.examples && product != nil
        try add(folder: path, of: isExamples ? product : id, isTop: false, areFromLife || isExamples)
      } else if entry.isFile, InputFiles.isMedia(entry.text) {
        add(file: path, of: product, areFromLife)
      }
    }
  }

  /// A name as an id: without spaces.
  private static func id(_ name: String) -> String {
    String(name.map { $0.isWhitespace ? "-" : $0 })
  }
}
