internal import Base
internal import Glibc
internal import Ingest
internal import Media

/// Bytes of containers, one container after the other; used by the thread that reads them.
protocol ContainerInput: AnyObject {
  /// Pictures come before their time, and are to wait for it; known once something was read.
  var isEarly: Bool { get }
  /// What it is, where that need not be found out.
  var kind: StreamDemuxer.Kind? { get }
  /// Asks to be told of each segment of a live playlist that was read to its end, by the thread that reads; before anything is read.
  func onEnd(_ body: @escaping (HLSPlaylist.Place) -> Void)
  /// Goes to the next container; false where there is none.
  func begin() throws(Fault) -> Bool
  /// The next bytes of it, at most so many; empty at its end.
  func read(upTo count: Int) throws(Fault) -> [UInt8]
}

extension ContainerInput {
  func onEnd(_ body: @escaping (HLSPlaylist.Place) -> Void) {}
}

/// MPEG-TS that comes in packets over one descriptor.
final class DescriptorInput: ContainerInput {
  private let descriptor: Int32
  private var hasBegun = false
  private var block = [UInt8](repeating: 0, count: 1 << 16)
  private var rest = ArraySlice<UInt8>()

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  var isEarly: Bool { false }
  var kind: StreamDemuxer.Kind? { .transport }

  func begin() -> Bool {
    defer { hasBegun = true }
    return !hasBegun
  }

  func read(upTo count: Int) throws(Fault) -> [UInt8] {
    if rest.isEmpty {
      do throws(SystemError) { rest = block[..<(try Descriptor.read(descriptor, into: &block))] } catch { return [] }
    }
    // A packet keeps no border here: all of it is read, part by part.
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// What is fetched by http and https: a container, or a playlist of HLS that leads to many.
final class WebInput: ContainerInput {
  private let address: String
  private let source: any WebSource
  private var playlist: HLSReader?
  private var hasBegun = false
  private var rest = ArraySlice<UInt8>()
  private var next: HLSReader.Piece?
  private let played: HLSPlaylist.Place?
  private var told: ((HLSPlaylist.Place) -> Void)?
  private(set) var isEarly = false
  var kind: StreamDemuxer.Kind? { nil }

  /// What was played of a live playlist is passed over.
  init(_ address: String, _ source: any WebSource, behind played: HLSPlaylist.Place? = nil) {
    (self.address, self.source, self.played) = (address, source, played)
  }

  func onEnd(_ body: @escaping (HLSPlaylist.Place) -> Void) { told = body }

  func begin() throws(Fault) -> Bool {
    if !hasBegun { try open() }
    guard let playlist else {
      defer { hasBegun = true }
      return !hasBegun
    }
    while true {
      let piece: HLSReader.Piece
      if let waiting = next { piece = waiting } else { piece = try playlist.take() }
      next = nil
      switch piece {
      case .begin(let start):
        rest = start[...]
        return true
      case .bytes: continue
      case .end: return false
      }
    }
  }

  private func open() throws(Fault) {
    let body = try source.open(address, at: "", range: nil)
    var start: [UInt8] = []
    while start.count < 600 {
      let more = try source.read(upTo: 1 << 14)
      if more.isEmpty { break }
      start += more
    }
    guard HLSPlaylist.isBegun(by: start) else {
      // What has a length lies there from its beginning to its end.
      (rest, isEarly) = (start[...], body.byteCount != nil)
      return
    }
    var whole = start
    while true {
      let more = try source.read(upTo: 1 << 16)
      if more.isEmpty { break }
      whole += more
      guard whole.count <= HLSPlaylist.mostBytes else {
        throw Fault(.tooLarge, "the playlist of HLS is longer than \(HLSPlaylist.mostBytes >> 10) KiB")
      }
    }
    playlist = try HLSReader(whole, at: body.address, source: source, behind: played)
    playlist?.onEnd = told
    (hasBegun, isEarly) = (true, true)
  }

  func read(upTo count: Int) throws(Fault) -> [UInt8] {
    if rest.isEmpty {
      guard let playlist else { return try source.read(upTo: count) }
      guard next == nil else { return [] }
      let piece = try playlist.take()
      guard case .bytes(let bytes) = piece else {
        next = piece
        return []
      }
      rest = bytes[...]
    }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}
