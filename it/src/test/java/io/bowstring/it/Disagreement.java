package io.bowstring.it;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A reason for which an Arrow library refuses what the codec's {@code STRUCTURE} accepts, and which is in order. There
 * are no others: none of them is that a stream is not laid out as its metadata says.
 */
enum Disagreement {
    // Values, which the codec does not look at. What pyarrow says is its last word on a nested column.
    PYARROW_OFFSETS("values\t.*: Offset invariant failure: [^:]*(: [^:]*)?"),
    PYARROW_VIEWS("values\t.*: View at slot \\d+ [^:]*(: [^:]*)?"),
    PYARROW_UNION("values\t.*: Union value at position \\d+ [^:]*"),
    PYARROW_RUN_ENDS("values\t.*: (Every run end must|Last run end is|All run ends must) .*"),
    PYARROW_INDICES("values\t.*: Value at position \\d+ out of bounds: [^:]*"),
    PYARROW_UTF8("values\t.*: Invalid UTF8 sequence at string index \\d+"),
    PYARROW_BITS_OF_VALIDITY("values\t.*: null_count value \\(\\d+\\) doesn't match actual number of nulls .*"),
    PYARROW_DATES("values\t.*: date64\\[ms] -?\\d+ does not represent a whole number of days"),
    PYARROW_TIMES("values\t.*: time(32|64)\\[\\w+] -?\\d+ is not within the acceptable range .*"),
    PYARROW_DECIMALS("values\t.*: Decimal value -?\\d+ does not fit in precision of .*"),
    ARROW_JAVA_OFFSETS("batch\t(IllegalArgumentException at Preconditions.checkArgument: null"
            + "|IndexOutOfBoundsException at ArrowBuf.checkIndex: .*)"),
    /** It takes the last offset for the length of the child, and makes room for it. */
    ARROW_JAVA_LAST_OFFSET("batch\tOutOfMemoryException .*"),
    ARROW_JAVA_UNION("batch\tArrayIndexOutOfBoundsException at DenseUnionVector.setChildVectorValueCounts: .*"),

    // What is compressed, which the codec does not decompress.
    PYARROW_LZ4("batch\tL[zZ]4 (decompress|compressed input|decompression) .*"),
    PYARROW_ZSTD("batch\t(ZSTD decompression failed|Corrupt ZSTD compressed data).*"),
    PYARROW_DECOMPRESSED("batch\tFailed to fully decompress buffer, .*"),
    ARROW_JAVA_DECOMPRESSION("batch\tRuntimeException at (Lz4|Zstd)CompressionCodec.doDecompress: .*"),

    // Text in the metadata: the format says UTF-8, pyarrow writes and reads any bytes, the codec relays them.
    ARROW_JAVA_TEXT("(schema|batch)\tIllegalArgumentException at (Utf8|DecodeUtil|Utf8Safe)\\.\\w+: Invalid UTF-8.*"),

    // The format allows it, the library does not.
    /** A schema without the vector of fields, which is one without fields. */
    PYARROW_NO_FIELDS("schema\tUnexpected null field Schema.fields in flatbuffer-encoded metadata"),
    /** Indices are int32 where their type is left out. */
    PYARROW_NO_INDEX_TYPE("schema\tUnexpected null field DictionaryEncoding.indexType in flatbuffer-encoded metadata"),
    /** A record batch may come before the dictionaries where it refers to none of their values. */
    PYARROW_LATE_DICTIONARY("batch\tDictionary with id -?\\d+ not found"),
    /** As before. */
    PYARROW_NO_DICTIONARY("batch\tIPC stream .* the expected number \\(\\d+\\) of dictionaries.*"),
    /** The first batch of a dictionary is a delta. */
    ARROW_JAVA_DELTA_OF_NOTHING(
            "batch\tIndexOutOfBoundsException at ArrowBuf.checkIndexD: index: 0, .* range\\(0, 0\\)\\)"),
    /** decimal32 and decimal64. */
    ARROW_JAVA_DECIMALS(
            "schema\tIllegalArgumentException at ArrowType.getTypeForField: Library only supports 128-bit .*"),
    /** With metadata V4 a union has a validity buffer. */
    ARROW_JAVA_UNION_V4("schema\tIOException at MetadataV4UnionChecker.checkRead: .*"),
    /** It makes one vector of all children of a struct or union that have one name. */
    ARROW_JAVA_SAME_NAMES("batch\tIllegalArgumentException at (VectorLoader.load: not all nodes, buffers .*"
            + "|Preconditions.checkArgument: should have as many children as in the schema: .*)"),
    /** A field without the string of its name. */
    ARROW_JAVA_NO_NAME("schema\tNullPointerException at "
            + "(Preconditions.checkNotNull: field name cannot be null|Field.mutateOriginalNameIfNeeded: .*)"),
    /** fixed_size_binary[0]. */
    ARROW_JAVA_NO_WIDTH("schema\tArithmeticException at BaseFixedWidthVector.getValueBufferValueCapacity: / by zero"),
    /** A union whose type ids are left out, which are then 0, 1, 2, ... */
    ARROW_JAVA_NO_TYPE_IDS("schema\tArrayIndexOutOfBoundsException at UnionVector.initializeChildrenFromFields: .*"),
    /** A union with other type ids than its writers choose: it mistakes one child for another. */
    ARROW_JAVA_TYPE_IDS("batch\tIllegalArgumentException at VectorLoader.loadBuffers: .*Illegal buffer count, .*");

    private final Pattern verdict;

    Disagreement(String verdict) {
        this.verdict = Pattern.compile(verdict, Pattern.DOTALL);
    }

    /** Returns the reason that a verdict gives, none where there is none for it. */
    static Optional<Disagreement> of(String verdict) {
        return Arrays.stream(values())
                .filter(reason -> reason.verdict.matcher(verdict).matches())
                .findFirst();
    }

    /** Returns the verdicts that are neither acceptance nor one of these reasons; prints how often there was which. */
    static List<String> unexplained(List<Mutants.Mutant> mutants, List<String> verdicts) {
        Map<String, Integer> counts = new TreeMap<>();
        List<String> unexplained = new ArrayList<>();
        for (int i = 0; i < verdicts.size(); i++) {
            String verdict = verdicts.get(i);
            Optional<Disagreement> reason = of(verdict);
            boolean isAccepted = verdict.equals("accepted");
            counts.merge(isAccepted ? verdict : reason.map(Enum::name).orElse("unexplained"), 1, Integer::sum);
            if (!isAccepted && reason.isEmpty()) {
                unexplained.add(mutants.get(i) + ": " + verdict);
            }
        }
        System.out.println(counts);
        return unexplained;
    }
}
