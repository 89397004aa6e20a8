internal import Base
internal import CFreeType
internal import Glibc
internal import Synchronization

/// Letters beyond ASCII as bitmaps with grey levels, drawn by FreeType from the fonts of this machine; any thread.
///
/// The first font that has a letter draws it; a letter that none has is the box that the first font keeps for such letters.
@safe final class Typeface: @unchecked Sendable {  // the library and its fonts are used inside the lock alone
  /// One letter, by its place in the grid of ``Font``.
  struct Glyph: Sendable {
    /// Places that it takes, at least one; none where it has no width, as marks that combine with the letter before.
    var cells = 0
    /// Pixels from the left side of its places, and from the line on which letters stand up to its top.
    var left = 0
    var top = 0
    var width = 0
    /// 0 to 255, row by row from the top, `width` a row.
    var coverage: [UInt8] = []
  }

  private struct Key: Hashable {
    var letter: Unicode.Scalar
    var scale: Int
  }

  @safe private struct State: @unchecked Sendable {  // pointers that are used inside the lock alone
    var faces: [FT_Face]
    var glyphs: [Key: Glyph] = [:]
  }

  /// What letters of pictures take, forgotten together when there are more.
  private static let glyphLimit = 4096
  private let library: FT_Library
  private let state: Mutex<State>

  /// Opens font files; what is none is passed over, and `nil` is left where all are.
  init?(_ files: [String]) {
    var made: FT_Library?
    guard unsafe FT_Init_FreeType(&made) == 0, let made = unsafe made else { return nil }
    var faces: [FT_Face] = unsafe []
    for file in files {
      var face: FT_Face?
      if unsafe FT_New_Face(made, file, 0, &face) == 0, let face = unsafe face { unsafe faces.append(face) }
    }
    guard unsafe !faces.isEmpty else {
      unsafe FT_Done_FreeType(made)
      return nil
    }
    unsafe library = made
    state = unsafe Mutex(State(faces: faces))
  }

  /// The fonts go with their library.
  deinit { unsafe FT_Done_FreeType(library) }

  /// The letter in the grid of ``Font``, each of whose pixels is `scale` pixels wide.
  func glyph(_ letter: Unicode.Scalar, scale: Int) -> Glyph {
    state.withLock { state in
      let key = Key(letter: letter, scale: scale)
      if let known = state.glyphs[key] { return known }
      if state.glyphs.count >= Self.glyphLimit { state.glyphs.removeAll() }
      var drawn: Glyph?
      for number in unsafe state.faces.indices where drawn == nil {
        let face = unsafe state.faces[number]
        let index = unsafe FT_Get_Char_Index(face, FT_ULong(letter.value))
        if index != 0 { drawn = unsafe Self.draw(index, of: face, scale) }
      }
      let glyph = unsafe drawn ?? Self.draw(0, of: state.faces[0], scale) ?? Glyph()
      state.glyphs[key] = glyph
      return glyph
    }
  }

  /// Sources: FreeType 2 API reference, "Glyph Retrieval"; `advance` is in 1/64 pixels.
  private static func draw(_ index: FT_UInt, of face: FT_Face, _ scale: Int) -> Glyph? {
    guard unsafe FT_Set_Pixel_Sizes(face, 0, FT_UInt(Font.pixelSize * scale)) == 0,
      unsafe FT_Load_Glyph(face, index, ridley_ft_load_render) == 0, let slot = unsafe face.pointee.glyph
    else { return nil }
    let (bitmap, advance) = unsafe (slot.pointee.bitmap, Int(slot.pointee.advance.x) >> 6)
    guard unsafe UInt32(bitmap.pixel_mode) == FT_PIXEL_MODE_GRAY.rawValue || bitmap.rows == 0 else { return nil }
    guard advance > 0 else { return Glyph() }
    // A quarter of a place may hang over, so that letters of nearly the usual width take one.
    let cell = Font.width * scale
    var glyph = Glyph()
    glyph.cells = max(1, (advance - cell / 4 + cell - 1) / cell)
    glyph.left = unsafe Int(slot.pointee.bitmap_left) + (glyph.cells * cell - advance) / 2
    glyph.top = unsafe Int(slot.pointee.bitmap_top)
    glyph.width = unsafe Int(bitmap.width)
    for row in 0..<(unsafe Int(bitmap.rows)) {
      let start = unsafe bitmap.buffer! + row * Int(bitmap.pitch)
      unsafe glyph.coverage += UnsafeBufferPointer(start: start, count: glyph.width)
    }
    return glyph
  }
}

extension Typeface {
  /// The system's, and what is installed with the program.
  private static let folders =
    ["/usr/share/fonts", "/usr/local/share/fonts", ProgramStart.share() + "/fonts"]
  /// The first draws what it has, as it has the shapes of ``Font``; then what has more of the world's letters.
  private static let names = [
    "DejaVuSansMono.ttf", "DejaVuSans.ttf", "NotoSansCJK-Regular.ttc", "NotoSansMono-Regular.ttf",
    "NotoSans-Regular.ttf",
    "wqy-microhei.ttc", "unifont.ttf", "unifont.otf", "LiberationMono-Regular.ttf", "FreeMono.ttf",
  ]

  /// What is installed, looked for when it is first needed; where there is none, standard error says so once.
  static let installed: Typeface? = {
    let found = Typeface(files(in: folders))
    if found == nil {
      let places = folders.prefix(2).joined(separator: " or ")
      let notice =
        "ridley: there is no font in \(places), so letters beyond ASCII are drawn as '?': install DejaVu Sans Mono, on Debian fonts-dejavu-core\n"
      try? unsafe Descriptor.write(Array(notice.utf8).span.bytes, to: STDERR_FILENO)
    }
    return found
  }()

  /// Known fonts below the folders, in the order of their names above.
  static func files(in folders: [String]) -> [String] {
    var found: [String: String] = [:]
    var (waiting, left) = (folders.map { ($0, 0) }, 10_000)
    while let (folder, depth) = waiting.popLast() {
      for name in (try? FileSystem.list(folder)) ?? [] {
        left -= 1
        guard left > 0 else { return names.compactMap { found[$0] } }
        let path = "\(folder)/\(name)"
        if names.contains(name) {
          found[name] = found[name] ?? path
        } else if depth < 4, FileSystem.kind(of: path) == .folder {
          waiting.append((path, depth + 1))
        }
      }
    }
    return names.compactMap { found[$0] }
  }
}
