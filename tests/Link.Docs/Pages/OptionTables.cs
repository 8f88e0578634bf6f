using System.Collections;
using System.Globalization;
using System.Reflection;
using Link.Abstractions;
using Link.Streams;
using Link.Streams.Datagrams;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link.Docs.Pages;

/// <summary>The tables of options of a page, and how their defaults are written there.</summary>
internal static class OptionTables
{
    /// <summary>The rows of each heading whose first cell is code.</summary>
    public static Dictionary<string, string[][]> Read(string page)
    {
        var tables = new Dictionary<string, List<string[]>>();
        var heading = "";
        foreach (var line in Repository.Doc(page).Prose)
        {
            if (line.StartsWith('#'))
            {
                tables[heading = line.TrimStart('#', ' ')] = [];
            }
            else if (line.StartsWith("| `", StringComparison.Ordinal))
            {
                tables[heading].Add(line.Split('|', StringSplitOptions.TrimEntries)[1..^1]);
            }
        }

        return tables.ToDictionary(table => table.Key, table => table.Value.ToArray());
    }

    /// <summary>The options of a type.</summary>
    public static PropertyInfo[] PropertiesOf(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is { IsPublic: true })];

    /// <summary>A default as a page writes it.</summary>
    public static string Show(string name, object? value) => value switch
    {
        null => "none",
        string text => $"`{text}`",
        bool flag => flag ? "`true`" : "`false`",
        int bytes when name.EndsWith("Bytes", StringComparison.Ordinal) && bytes % (1024 * 1024) == 0 => $"{bytes / 1024 / 1024} MiB",
        int bytes when name.EndsWith("Bytes", StringComparison.Ordinal) => $"{bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes",
        int number => number.ToString("N0", CultureInfo.InvariantCulture),
        TimeSpan time when time < TimeSpan.FromSeconds(1) && time > TimeSpan.Zero => $"{time.TotalMilliseconds:0} ms",
        TimeSpan time => $"{time.TotalSeconds:0} s",
        NewtonsoftSerializer serializer when ReferenceEquals(serializer, NewtonsoftSerializer.Default) => "`NewtonsoftSerializer.Default`",
        Enum choice => $"`{choice}`",
        NullLoggerFactory => "none",
        TimeProvider time when ReferenceEquals(time, TimeProvider.System) => "`TimeProvider.System`",
        IEnumerable many when !many.Cast<object>().Any() => "none",
        StreamLimits limits when limits == new StreamLimits() => $"`{nameof(StreamLimits)}`",
        DatagramLimits limits when limits == new DatagramLimits() => $"`{nameof(DatagramLimits)}`",
        _ => throw new ArgumentException($"The test cannot show the default of {name}.", nameof(value)),
    };
}
