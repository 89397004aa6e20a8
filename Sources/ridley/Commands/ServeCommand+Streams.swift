import Base
import Gateway
import Library
import MediaProcess
import Recordings
import Serving
import Streams
import Telemetry

extension ServeCommand {
  /// Keeps what happens in streams, once what a dead server left open is ended.
  func recorder(_ library: Library, _ recordings: RecordingDesk?) -> EventRecorder {
    EventRecorder(LibraryStreams(library), archive: recordings) { Terminal.complain(of: $0) }
  }

  /// Records streams into the library's folder.
  func recordings(
    _ library: Library, _ media: MediaPool, _ configuration: ServeConfiguration
  ) throws(Fault) -> RecordingDesk {
    let keeper = LibraryRecordings(library, examiner: PoolExaminer(media))
    let rules = configuration.recordings.rules(try RetentionRules(onDiskOf: library.path))
    return try RecordingDesk(
      "\(library.path)/recordings", keeper, rules, packetBytes: configuration.packetBytes
    ) { Terminal.complain(of: $0) }
  }

  /// Those of the configuration are watched from the start; they wait for their models.
  func streams(
    _ configuration: ServeConfiguration, _ models: ModelRepository, _ library: Library?, _ recorder: EventRecorder?,
    _ recordings: RecordingDesk?, _ telemetry: Telemetry?
  ) throws(Fault) -> StreamDesk {
    var options = StreamDesk.Options()
    (options.films, options.reachesPrivate) = (configuration.films, configuration.privateSources)
    (options.drift, options.telemetry) = (configuration.drift, telemetry)
    options.view.byteCount = configuration.packetBytes ?? options.view.byteCount
    if let most = configuration.mostStreams { (options.most, options.mayBeOneClients) = (most, true) }
    let book = library.map { StreamBook(in: $0.path) { Terminal.complain(of: $0) } }
    let kept = try book?.read() ?? []
    do throws(Fault) {
      _ = try library?.endOpenEvents { stream, client in
        configuration.streams.contains { ($0.name, $0.client) == (stream, client) }
          || kept.contains { ($0.name, $0.client) == (stream, client) }
      }
    } catch { Terminal.complain(of: error) }
    let desk = StreamDesk(models, options, library: library, recorder: recorder, archive: recordings, book: book)
    for stream in configuration.streams {
      var draft = StreamDesk.Draft(source: stream.source)
      (draft.pipeline, draft.model) = (stream.pipeline, stream.model)
      (draft.budget, draft.weight, draft.rate) = (stream.budgetSeconds * 1000, stream.weight, stream.rate)
      (draft.isForced, draft.view) = (true, stream.view)
      (draft.clips, draft.record) = (stream.clips, stream.record)
      do throws(Fault) {
        _ = try desk.put(stream.name, draft, client: stream.client, isOwner: true, mustBeServed: false, keeping: .never)
      } catch  where error.kind == .unavailable {
        // Its client is being purged.
        Terminal.complain(of: error.at("the stream '\(stream.name)'"))
      } catch {
        throw error.at("the stream '\(stream.name)'")
      }
    }
    resume(
      kept.filter { one in !configuration.streams.contains { ($0.client, $0.name) == (one.client, one.name) } }, desk)
    return desk
  }

  /// Has streams end whose client is purged; gives what ends that.
  func endsStreams(_ streams: StreamDesk, _ library: Library) -> @Sendable () -> Void {
    RepeatingThread(
      restMilliseconds: Self.purgeInterval, complain: { Terminal.complain(of: $0) },
      { () throws(Fault) in try streams.endThose(goneFrom: library) }
    ).stop
  }

  /// Milliseconds between two looks at whether clients are still there.
  static let purgeInterval = 500

  /// What was added over HTTP before goes on; what cannot is told.
  private func resume(_ streams: [StreamDesk.Kept], _ desk: StreamDesk) {
    for one in streams {
      do throws(Fault) { try desk.resume(one) } catch {
        Terminal.complain(of: error.at("the stream '\(one.name)' of '\(one.client)'"))
      }
    }
  }
}
