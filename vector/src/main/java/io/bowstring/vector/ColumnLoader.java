package io.bowstring.vector;

import io.bowstring.codec.IpcErrorCode;
import io.bowstring.codec.IpcException;
import io.bowstring.codec.IpcField;
import io.bowstring.codec.IpcTypeId;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.jspecify.annotations.Nullable;

/**
 * Makes buffers of batches the buffers of vectors: those of one field and all that is nested in it. Immutable.
 *
 * <p>Recursion is as deep as the codec lets fields be nested.
 */
final class ColumnLoader {
    private final IpcField field;
    private final boolean isEncoded;

    /** Whether the format allows no nulls: what validity there is says nothing, and arrow-java would look at it. */
    private final boolean isNullFree;

    private final @Nullable ValueCheck check;
    private final @Nullable TextCheck textCheck;
    private final List<ColumnLoader> children;

    private ColumnLoader(
            IpcField field, ColumnPlace place, boolean isEncoded, boolean isNullFree, ColumnChecks checks) {
        this.field = field;
        this.isEncoded = isEncoded;
        this.isNullFree = isNullFree;
        this.check = checks.values() ? new ValueCheck(field, isEncoded) : null;
        IpcTypeId type = field.type().id();
        this.textCheck = checks.texts() && !isEncoded && TextCheck.isFor(type) ? new TextCheck(type, place) : null;
        this.children = isEncoded ? List.of() : newChildren(field, place, checks);
    }

    /** Creates a loader of a field as it stands in record batches: of indices where it has a dictionary. */
    static ColumnLoader ofField(IpcField field, ColumnChecks checks) {
        return new ColumnLoader(field, ColumnPlace.ofField(field), field.dictionary() != null, false, checks);
    }

    /** Creates a loader of the values of a field that has a dictionary, which stand in dictionary batches. */
    static ColumnLoader ofValues(IpcField field, ColumnChecks checks) {
        return new ColumnLoader(field, ColumnPlace.ofValues(field), false, false, checks);
    }

    private static List<ColumnLoader> newChildren(IpcField field, ColumnPlace place, ColumnChecks checks) {
        IpcTypeId parent = field.type().id();
        List<ColumnLoader> children = new ArrayList<>();
        for (IpcField child : field.children()) {
            boolean isRunEnds = parent == IpcTypeId.RUN_END_ENCODED && children.isEmpty();
            boolean isNullFree = isRunEnds || parent == IpcTypeId.MAP;
            children.add(new ColumnLoader(child, place.child(child), child.dictionary() != null, isNullFree, checks));
        }
        return children;
    }

    /**
     * Checks that a vector has all children of the field. Where two have the same name, arrow-java has one, and its own reader
     * refuses the batches, unless {@code arrow.struct.conflict.policy} says otherwise.
     *
     * @param vector of the field; borrowed
     */
    void requireAllChildren(FieldVector vector) {
        List<FieldVector> vectors = vector.getChildrenFromFields();
        if (vectors.size() != children.size()) {
            throw new IllegalArgumentException("children of different names");
        }
        for (int i = 0; i < children.size(); i++) {
            children.get(i).requireAllChildren(vectors.get(i));
        }
    }

    /**
     * Loads the field's part of a batch.
     *
     * @param vector of the field; borrowed, takes references to the buffers
     * @param in stands at the field; is moved past it
     * @param dictionaries what indices refer to; borrowed
     * @throws IpcException where the values make no sense
     */
    void load(FieldVector vector, BatchCursor in, DictionarySizes dictionaries) {
        int node = in.nextNode();
        long length = in.length(node);
        long nullCount = in.nullCount(node);
        addBuffers(in, length, nullCount);
        vector.loadFieldBuffers(new ArrowFieldNode(length, nullCount), in.own());
        if (check != null) {
            check.check(in, node, dictionaries);
        }
        if (textCheck != null) {
            textCheck.check(in, node);
        }
        if (!children.isEmpty()) {
            List<FieldVector> vectors = vector.getChildrenFromFields();
            for (int i = 0; i < children.size(); i++) {
                children.get(i).load(vectors.get(i), in, dictionaries);
            }
            if (check != null && field.type().id() == IpcTypeId.RUN_END_ENCODED && !isEncoded) {
                in.countChecks(vectors.get(0).getValueCount());
                ArrowBuf runEnds = vectors.get(0).getDataBuffer();
                check.checkRunEnds(runEnds.memoryAddress(), vectors.get(0).getValueCount(), length);
            }
        }
    }

    private void addBuffers(BatchCursor in, long length, long nullCount) {
        if (isEncoded) {
            in.addValidity(length, isNullFree);
            in.addBuffers(1);
            return;
        }
        switch (field.type().id()) {
            case NULL -> {}
            case RUN_END_ENCODED -> in.skipValidityOfUnions();
            case UNION -> addUnion(in, nullCount);
            case STRUCT, FIXED_SIZE_LIST -> in.addValidity(length, isNullFree);
            case BINARY, UTF8, LARGE_BINARY, LARGE_UTF8 -> {
                in.addValidity(length, isNullFree);
                in.addOffsets();
                in.addBuffers(1);
            }
            case DECIMAL -> {
                in.addValidity(length, isNullFree);
                in.addDecimals(field.type().parameters().get(2));
            }
            case LIST, MAP, LARGE_LIST -> {
                in.addValidity(length, isNullFree);
                in.addOffsets();
            }
            case LIST_VIEW, LARGE_LIST_VIEW -> {
                in.addValidity(length, isNullFree);
                in.addBuffers(2);
            }
            case BINARY_VIEW, UTF8_VIEW -> {
                in.addValidity(length, isNullFree);
                in.addBuffers(1);
                in.addVariadic();
            }
            case INT, FLOATING_POINT, BOOL, DATE, TIME, TIMESTAMP, INTERVAL, FIXED_SIZE_BINARY, DURATION -> {
                in.addValidity(length, isNullFree);
                in.addBuffers(1);
            }
        }
    }

    private void addUnion(BatchCursor in, long nullCount) {
        if (in.hasValidityOfUnions() && nullCount != 0) {
            String name = ArrowSchema.excerpt(field.name());
            String rule = "none: metadata before V5, arrow-java has no nulls of unions";
            throw new IpcException(IpcErrorCode.UNSUPPORTED, "nulls of union " + name, nullCount, rule);
        }
        in.skipValidityOfUnions();
        in.addBuffers(field.type().parameters().get(0) == 0 ? 1 : 2);
    }
}
