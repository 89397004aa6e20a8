/// The sources that this was built from.
public enum Checkout {
  public static let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
}
