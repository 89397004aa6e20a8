import Base
import Gateway
import Library
import Serving
import Streams

extension ServeCommand {
  /// Keeps what happens in streams, once what a dead server left open is ended.
  func recorder(_ library: Library) -> EventRecorder {
    do throws(Fault) { _ = try library.endOpenEvents() } catch { Terminal.complain(of: error) }
    return EventRecorder(LibraryStreams(library)) { Terminal.complain(of: $0) }
  }

  /// Those of the configuration are watched from the start; they wait for their models.
  func streams(
    _ configuration: ServeConfiguration, _ models: ModelRepository, _ library: Library?, _ recorder: EventRecorder?
  ) throws(Fault) -> StreamDesk {
    var options = StreamDesk.Options()
    (options.films, options.reachesPrivate) = (configuration.films, configuration.privateSources)
    let desk = StreamDesk(models, options, library: library, recorder: recorder)
    for stream in configuration.streams {
      var draft = StreamDesk.Draft(source: stream.source)
      (draft.pipeline, draft.model) = (stream.pipeline, stream.model)
      (draft.budget, draft.weight, draft.rate) = (stream.budgetSeconds * 1000, stream.weight, stream.rate)
      draft.isForced = true
      do throws(Fault) {
        _ = try desk.put(stream.name, draft, client: stream.client, isOwner: true, mustBeServed: false)
      } catch {
        throw error.at("the stream '\(stream.name)'")
      }
    }
    return desk
  }
}
