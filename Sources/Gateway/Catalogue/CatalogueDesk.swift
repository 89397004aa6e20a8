internal import Access
internal import Base
internal import Insights
internal import Web

/// The server's catalogue of products behind the routes: read once for each change of its file, on a thread of its own.
public final class CatalogueDesk: Sendable {
  private struct Kept {
    let stamp: String
    /// What is damaged is not read again until it changes.
    let shelf: Result<CatalogueShelf, Fault>
  }

  /// One, so that no two requests read the same file at the same time.
  let threads = FairThreadPool(threads: 1, limit: 256)
  private let path: String?
  private let kept = Monitor<Kept?>(nil)
  /// How often the file was read.
  let reads = Monitor(0)

  /// `folder` is where the catalogue is kept, which need not be there; `nil` for a server that has no place for one.
  public init(folder: String?) { path = folder.map(CatalogueFile.path) }

  /// What it holds now; blocks where its file changed.
  ///
  /// - Throws: `notFound` where there is none, `unavailable` where it is damaged or of a newer version.
  func shelf() throws(Fault) -> CatalogueShelf {
    guard let path, let stamp = FileSystem.stamp(of: path)?.whole else {
      kept.update { $0 = nil }
      throw Fault(
        .notFound, "this server has no catalogue of products: 'ridley catalogue add shelf/' on its machine makes one")
    }
    if let kept = kept.update({ $0 }), kept.stamp == stamp { return try kept.shelf.get() }
    reads.update { $0 += 1 }
    let shelf: Result<CatalogueShelf, Fault>
    let bytes: [UInt8]
    do throws(Fault) { bytes = try FileSystem.read(path, limit: CatalogueFile.largest) } catch {
      // Whose file it is may change without the file.
      throw Fault(.unavailable, "the catalogue of this server cannot be read", cause: error.cause)
    }
    do throws(Fault) { shelf = .success(try CatalogueShelf(bytes)) } catch {
      shelf = .failure(Fault(.unavailable, "the catalogue of this server cannot be read: \(error.message)"))
    }
    kept.update { $0 = Kept(stamp: stamp, shelf: shelf) }
    return try shelf.get()
  }
}

extension Route {
  /// A route of the catalogue, answered on its thread, since it may have to be read.
  convenience init<each Value: Sendable>(
    catalogue pattern: String, _ parameters: repeat PathParameter<each Value>, for scope: Scope,
    _ operation: Operation,
    answer: @escaping @Sendable (CatalogueShelf, RequestContext, repeat each Value) throws(Failure) -> Response
  ) {
    self.init(.get, pattern, (repeat each parameters), scope, nil, operation) {
      (context: RequestContext, values: repeat each Value) throws(Failure) in
      let desk = context.gateway.catalogue
      let work = BodyWork { (_, exchange) throws(Failure) in
        try desk.threads.run(exchange, from: context.source, waitingFor: "the catalogue") { () throws(Failure) in
          guard !exchange.isGone else { return }
          let shelf: CatalogueShelf
          do throws(Fault) { shelf = try desk.shelf() } catch { throw Failure(error) }
          exchange.answer(try answer(shelf, context, repeat each values))
        }
      }
      return context.body(.small, work)
    }
  }
}
