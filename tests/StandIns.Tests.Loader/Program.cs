using System.Collections;
using System.Globalization;
using Microsoft.ML;

// Loads a model that some other process saved, knowing nothing of what is in it; feeds the further arguments, one a row, to the column "Text" and
// prints every visible column of every row.
var context = new MLContext();
var model = context.Model.Load(args[0], out _);
var rows = context.Data.LoadFromEnumerable(args.Skip(1).Select(text => new StandIns.Tests.Loader.TextRow { Text = text }).ToArray());
foreach (var row in model.Transform(rows).Preview().RowView)
{
    Console.WriteLine(string.Join("; ", row.Values.Select(v => $"{v.Key}={Show(v.Value)}")));
}

static string Show(object value) => value is IEnumerable items and not string
    ? $"[{string.Join(", ", items.Cast<object>().Select(Show))}]"
    : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
