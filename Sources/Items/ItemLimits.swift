/// What any engine takes; the least of what those can that Ridley is made for, so that nothing fits here and not there.
public enum ItemLimits {
  /// Of a partition key, and of a sort key.
  public static let keyByteCount = 1024
  /// Of one body: 400 KiB.
  public static let bodyByteCount = 400 << 10
  /// Items of one transaction.
  public static let writeCount = 100
  /// Bodies of one transaction together: 4 MiB.
  public static let transactionByteCount = 4 << 20
  /// Keys of one batch.
  public static let batchCount = 100
  /// Items of one page; one ends before that where its bodies have ``pageByteCount`` together.
  public static let pageCount = 1000
  public static let pageByteCount = 4 << 20
  /// Different words of one item in a text index, and values of its filters.
  public static let wordCount = 4096
  /// Of the text of a search.
  public static let searchByteCount = 1024
  /// Words of a search, and its filters.
  public static let searchCount = 32
}
