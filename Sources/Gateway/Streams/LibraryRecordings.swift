public import Base
public import Catalog
internal import Items
public import Library
public import Recordings
public import Streams

extension RecordingDesk: StreamArchive {}

/// Makes assets of a library of what was recorded of streams.
public struct LibraryRecordings: RecordingKeeper {
  private let library: Library
  private let examiner: any MediaExaminer

  public init(_ library: Library, examiner: any MediaExaminer) { (self.library, self.examiner) = (library, examiner) }

  public func keep(_ film: FinishedFilm) throws(Fault) -> KeptRecording {
    var draft = AssetDraft(group: AssetGroup(client: film.label.client), name: film.name)
    (draft.recording, draft.captured) = (film.recording, film.recording.from)
    draft.tags = [film.recording.stream, film.recording.kind.rawValue]
    // A stream may be called as a kind is.
    if draft.tags[0] == draft.tags[1] { draft.tags.removeLast() }
    let asset = try library.add(recorded: film.path, draft, examiner: examiner).asset
    return KeptRecording(
      id: asset.id, client: film.label.client, recording: film.recording, byteCount: asset.byteCount)
  }

  public var isOnDisk: Bool { !library.isShared }

  public func recordings() throws(Fault) -> [KeptRecording] {
    var found: [KeptRecording] = []
    for kind in Recording.Kind.allCases {
      var token: PageToken?
      repeat {
        let page = try library.recordings(kind, after: token)
        for asset in page.elements {
          guard let recording = asset.recording else { continue }
          found.append(
            KeptRecording(id: asset.id, client: asset.group.client, recording: recording, byteCount: asset.byteCount))
        }
        token = page.next
      } while token != nil
    }
    return found
  }

  public func held() throws(Fault) -> [HeldTime] {
    var times: [HeldTime] = []
    for hold in try library.allHolds() {
      times += try library.times(of: hold).map { HeldTime(client: hold.client, stream: hold.stream, range: $0) }
    }
    return times
  }

  public func remove(_ id: ULID) throws(Fault) { try library.removeRecording(id) }
}
